#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "subword_model.h"

namespace continuo::tokens {

// Distinct sequences of symbols and how often each has come, found again by hash. They lie in blocks, so that growing
// copies nothing.
class SequenceCounts {
 public:
  // Sequences longer than a block are cut.
  void add(std::span<const Symbol> symbols);
  std::size_t distinct() const { return entries_.size(); }
  std::uint64_t symbols() const { return symbols_; }  // of the distinct ones

  struct Entry {
    std::uint32_t block = 0, begin = 0, length = 0, count = 0;
  };
  const std::vector<Entry>& entries() const { return entries_; }
  std::span<const Symbol> operator[](const Entry& entry) const {
    return {blocks_[entry.block].get() + entry.begin, entry.length};
  }
  // For walks in the order of entries that need a block no more.
  void free_block(std::uint32_t block) { blocks_[block].reset(); }
  // The table that finds sequences again goes; no add() after this.
  void close() { table_ = {}; }

 private:
  static constexpr std::uint32_t kBlock = 1 << 20;
  void grow_table();
  std::vector<std::unique_ptr<Symbol[]>> blocks_;
  std::uint32_t used_ = kBlock;  // of the last block
  std::vector<Entry> entries_;
  std::vector<std::uint64_t> table_;  // the upper half a part of the hash, the lower an entry + 1; 0: free
  std::uint64_t symbols_ = 0;
};

}  // namespace continuo::tokens
