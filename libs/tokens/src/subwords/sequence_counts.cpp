#include "sequence_counts.h"

#include <algorithm>
#include <cstring>

namespace continuo::tokens {
namespace {

// Four symbols at a time; for tables in memory only, never written anywhere.
std::uint64_t hash_of(std::span<const Symbol> symbols) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ULL ^ symbols.size();
  const auto mix = [&](std::uint64_t part) {
    hash = (hash ^ part) * 0xD6E8FEB86659FD93ULL;
    hash ^= hash >> 32;
  };
  std::size_t i = 0;
  for (; i + 4 <= symbols.size(); i += 4) {
    std::uint64_t part;
    std::memcpy(&part, symbols.data() + i, sizeof part);
    mix(part);
  }
  for (; i < symbols.size(); ++i) mix(symbols[i]);
  return hash;
}

std::uint64_t slot_of(std::uint64_t hash, std::size_t entry) { return (hash & ~0xFFFFFFFFULL) | (entry + 1); }

}  // namespace

void SequenceCounts::grow_table() {
  std::vector<std::uint64_t> old(std::max<std::size_t>(1024, 2 * table_.size()));
  old.swap(table_);
  for (std::size_t entry = 0; entry < entries_.size(); ++entry) {
    const std::uint64_t hash = hash_of((*this)[entries_[entry]]);
    std::size_t place = hash & (table_.size() - 1);
    while (table_[place] != 0) place = (place + 1) & (table_.size() - 1);
    table_[place] = slot_of(hash, entry);
  }
}

void SequenceCounts::add(std::span<const Symbol> symbols) {
  for (; symbols.size() > kBlock; symbols = symbols.subspan(kBlock)) add(symbols.first(kBlock));
  if (symbols.empty()) return;
  if (2 * (entries_.size() + 1) > table_.size()) grow_table();
  const std::uint64_t hash = hash_of(symbols);
  std::size_t place = hash & (table_.size() - 1);
  for (; table_[place] != 0; place = (place + 1) & (table_.size() - 1)) {
    if ((table_[place] ^ hash) >> 32 != 0) continue;
    Entry& entry = entries_[std::size_t(table_[place] & 0xFFFFFFFFULL) - 1];
    const std::span<const Symbol> known = (*this)[entry];
    if (!std::equal(known.begin(), known.end(), symbols.begin(), symbols.end())) continue;
    ++entry.count;
    return;
  }
  if (used_ + symbols.size() > kBlock) {
    blocks_.push_back(std::make_unique<Symbol[]>(kBlock));
    used_ = 0;
  }
  table_[place] = slot_of(hash, entries_.size());
  entries_.push_back({std::uint32_t(blocks_.size() - 1), used_, std::uint32_t(symbols.size()), 1});
  std::copy(symbols.begin(), symbols.end(), blocks_.back().get() + used_);
  used_ += std::uint32_t(symbols.size());
  symbols_ += symbols.size();
}

}  // namespace continuo::tokens
