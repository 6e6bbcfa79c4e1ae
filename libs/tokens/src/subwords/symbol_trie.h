#pragma once

#include <span>
#include <vector>

#include "subword_model.h"

namespace continuo::tokens {

// Words by their symbols, found prefix by prefix. The first symbol by table, the others by hash.
class SymbolTrie {
 public:
  explicit SymbolTrie(int symbols) : nodes_(std::size_t(symbols)), slots_(1024) {}

  // A later word of the same symbols takes the place of an earlier one.
  void add(std::span<const Symbol> symbols, TokenId id) {
    if (symbols.empty()) return;
    std::uint32_t node = symbols[0];
    for (const Symbol symbol : symbols.subspan(1)) {
      nodes_[node].has_next = true;
      node = child(node, symbol);
    }
    nodes_[node].id = id;
  }

  // Calls `visit(length, id)` for each word that `symbols` begins with, the shortest first.
  template <typename Visit>
  void for_each_prefix(std::span<const Symbol> symbols, const Visit& visit) const {
    std::uint32_t node = symbols[0];
    for (std::size_t length = 1;; ++length) {
      if (nodes_[node].id >= 0) visit(length, nodes_[node].id);
      if (length == symbols.size() || !nodes_[node].has_next) return;
      const std::uint64_t wanted = key(node, symbols[length]);
      std::size_t place = place_of(wanted);
      while (slots_[place].key != 0 && slots_[place].key != wanted) place = (place + 1) & (slots_.size() - 1);
      if (slots_[place].key == 0) return;
      node = slots_[place].node;
    }
  }

 private:
  struct Node {
    TokenId id = -1;
    bool has_next = false;
  };
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t node = 0;
  };
  static std::uint64_t key(std::uint32_t node, Symbol symbol) { return (std::uint64_t{node} << 16 | symbol) + 1; }
  std::size_t place_of(std::uint64_t key) const { return (key * 0x9E3779B97F4A7C15ULL >> 32) & (slots_.size() - 1); }

  std::uint32_t child(std::uint32_t node, Symbol symbol) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    Slot& slot = find(key(node, symbol));
    if (slot.key == 0) {
      slot = {key(node, symbol), std::uint32_t(nodes_.size())};
      nodes_.emplace_back();
      ++count_;
    }
    return slot.node;
  }
  Slot& find(std::uint64_t key) {
    std::size_t place = place_of(key);
    while (slots_[place].key != 0 && slots_[place].key != key) place = (place + 1) & (slots_.size() - 1);
    return slots_[place];
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.key != 0) find(slot.key) = slot;
  }

  std::vector<Node> nodes_;  // those of single symbols first
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace continuo::tokens
