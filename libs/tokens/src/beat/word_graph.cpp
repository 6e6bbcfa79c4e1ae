#include "word_graph.h"

#include <algorithm>

namespace continuo::tokens {

int WordGraph::add(WordKind kind, int from, int to) {
  Node node;
  node.kind = kind;
  node.from = from;
  node.to = to;
  nodes_.push_back(std::move(node));
  return int(nodes_.size()) - 1;
}

int WordGraph::add_unit(WordKind kind) {
  const int index = add(kind);
  node(index).can_end = true;
  return index;
}

void WordGraph::link(int node, std::initializer_list<int> next) {
  std::vector<int>& edges = nodes_[std::size_t(node)].next;
  edges.insert(edges.end(), next.begin(), next.end());
}

void WordGraph::end_only_after(int end) {
  for (Node& each : nodes_) each.can_end = false;
  node(end).can_end = true;
}

void WordGraph::pass_places(int place, std::vector<int>& next) const {
  for (const int index : node(place).next) {
    if (node(index).kind == WordKind::kNone) {
      pass_places(index, next);
    } else if (std::find(next.begin(), next.end(), index) == next.end()) {
      next.push_back(index);
    }
  }
}

void WordGraph::finish() {
  std::vector<std::vector<int>> all(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) pass_places(int(i), all[i]);
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].next = std::move(all[i]);
  find_distances();
  list_edges();
}

void WordGraph::list_edges() {
  edges_of_kind_.assign(nodes_.size() * kWordKinds, {});
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (int kind = 0; kind < kWordKinds; ++kind) {
      Edges& edges = edges_of_kind_[i * kWordKinds + std::size_t(kind)];
      edges.begin = std::uint16_t(edges_.size());
      for (const int next : nodes_[i].next)
        if (int(node(next).kind) == kind) edges_.push_back(std::int16_t(next));
      edges.count = std::uint16_t(edges_.size() - edges.begin);
    }
  }
}

// Relaxes until nothing changes; the graphs are small.
void WordGraph::find_distances() {
  constexpr int kFar = 1 << 20;
  for (Node& each : nodes_) {
    each.to_end = {kFar, each.can_end ? 0 : kFar};
    each.to_pedal_end = std::any_of(each.next.begin(), each.next.end(),
                                    [&](int next) { return node(next).kind == WordKind::kPedalEnd; })
                            ? 0
                            : kFar;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Node& each : nodes_) {
      for (const int index : each.next) {
        const Node& next = node(index);
        if (!next.counts) continue;
        if (1 + next.to_pedal_end < each.to_pedal_end) {
          each.to_pedal_end = 1 + next.to_pedal_end;
          changed = true;
        }
        const std::array<int, 2> through = {1 + next.to_end[next.completes_note], 1 + next.to_end[1]};
        for (const std::size_t with_note : {0, 1}) {
          if (through[with_note] >= each.to_end[with_note]) continue;
          each.to_end[with_note] = through[with_note];
          changed = true;
        }
      }
    }
  }
}

}  // namespace continuo::tokens
