#pragma once

#include <cstdint>
#include <vector>

#include "continuo/base/token_id.h"

namespace continuo::tokens {

// Pairs of words with a value each. Open addressing; a pair is never taken out. References hold until the next insert.
template <typename Value>
class PairTable {
 public:
  explicit PairTable(std::size_t expected = 512) {
    std::size_t size = 1024;
    while (size < 2 * expected) size *= 2;
    resize(size);
  }

  static std::uint32_t key(TokenId left, TokenId right) { return std::uint32_t(left) << 16 | std::uint32_t(right); }

  // Null when the pair is unknown.
  Value* find(std::uint32_t key) {
    std::size_t place = place_of(key);
    for (; slots_[place].key != kFree; place = (place + 1) & mask_)
      if (slots_[place].key == key) return &slots_[place].value;
    return nullptr;
  }
  const Value* find(std::uint32_t key) const { return const_cast<PairTable*>(this)->find(key); }

  Value& operator[](std::uint32_t key) {
    if (Value* known = find(key)) return *known;
    if (3 * (count_ + 1) > 2 * slots_.size()) grow();
    ++count_;
    Slot& slot = free_slot(key);
    slot.key = key;
    return slot.value;
  }

  template <typename Visit>
  void for_each(const Visit& visit) {
    for (Slot& slot : slots_)
      if (slot.key != kFree) visit(slot.key, slot.value);
  }
  std::size_t size() const { return count_; }

 private:
  struct Slot {
    std::uint32_t key = kFree;
    Value value{};
  };
  // The pair of the special word PAD with itself, which no sequence holds.
  static constexpr std::uint32_t kFree = 0;

  void resize(std::size_t size) {
    slots_.assign(size, Slot{});
    mask_ = size - 1;
    shift_ = 0;
    while ((std::size_t{1} << (32 - shift_)) > size) ++shift_;
  }
  std::size_t place_of(std::uint32_t key) const { return (key * 0x9E3779B1u) >> shift_ & mask_; }
  Slot& free_slot(std::uint32_t key) {
    std::size_t place = place_of(key);
    while (slots_[place].key != kFree) place = (place + 1) & mask_;
    return slots_[place];
  }
  void grow() {
    std::vector<Slot> old = std::move(slots_);
    resize(2 * old.size());
    for (const Slot& slot : old)
      if (slot.key != kFree) free_slot(slot.key) = slot;
  }

  std::vector<Slot> slots_;
  std::size_t mask_ = 0, count_ = 0;
  int shift_ = 0;
};

}  // namespace continuo::tokens
