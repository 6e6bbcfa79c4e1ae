#pragma once

#include <array>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

#include "../core/word_list.h"

namespace continuo::tokens {

// Which kinds of word may follow one another: nodes are words of a kind (and range of values), joined by edges. A kind
// may have several nodes. Built once, then immutable.
class WordGraph {
 public:
  static constexpr int kStart = 0;
  static constexpr int kAll = std::numeric_limits<int>::max();
  struct Node {
    WordKind kind = WordKind::kNone;
    int from = 0, to = kAll;  // its values, without `to`
    bool can_end = false;     // the piece may end after it, once it has a note
    bool completes_note = false;
    bool counts = true;  // whether it can be relied on as a way to an end
    std::vector<int> next;
    std::array<int, 2> to_end{};  // words to the nearest end: [0] by way of a whole note, [1] by any
    int to_pedal_end = 0;         // words until a PedalOff may come
  };

  WordGraph() : nodes_(1) {}
  int add(WordKind kind, int from = 0, int to = kAll);
  // A node after which the piece may end.
  int add_unit(WordKind kind);
  // A place between words, which costs nothing to pass.
  int add_place() { return add(WordKind::kNone); }
  void link(int node, std::initializer_list<int> next);
  Node& node(int index) { return nodes_[std::size_t(index)]; }
  const Node& node(int index) const { return nodes_[std::size_t(index)]; }
  // Pieces may end after this node and no other.
  void end_only_after(int node);
  // Takes the places out and finds the distances. Requires: from everywhere a way leads over a note to an end.
  void finish();
  // Where words of a kind may lead.
  std::span<const std::int16_t> next_of(int node, WordKind kind) const {
    const Edges edges = edges_of_kind_[std::size_t(node) * kWordKinds + std::size_t(kind)];
    return std::span(edges_).subspan(edges.begin, edges.count);
  }
  // The node that `word` leads to, or -1.
  int follow(int from, Word word) const {
    for (const std::int16_t index : next_of(from, word.kind)) {
      const Node& next = node(index);
      if (word.value >= next.from && word.value < next.to) return index;
    }
    return -1;
  }

 private:
  void pass_places(int place, std::vector<int>& next) const;
  void find_distances();
  void list_edges();
  struct Edges {
    std::uint16_t begin = 0, count = 0;
  };
  std::vector<Node> nodes_;
  std::vector<Edges> edges_of_kind_;  // by node and kind
  std::vector<std::int16_t> edges_;
};

}  // namespace continuo::tokens
