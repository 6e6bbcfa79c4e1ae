#include "continuo/tokens/traits.h"

#include <algorithm>
#include <limits>

namespace continuo::tokens {
namespace {

std::uint16_t saturated_sum(int a, int b) {
  return static_cast<std::uint16_t>(std::min<int>(a + b, std::numeric_limits<std::uint16_t>::max()));
}

}  // namespace

bool TokenizerTraits::marks_bars() const {
  return std::any_of(tokens.begin(), tokens.end(), [](const TokenTraits& token) { return token.begins_bar(); });
}

TokenTraits TokenizerTraits::joined(std::span<const TokenId> sequence) const {
  TokenTraits all;
  if (!sequence.empty()) all.touch = of(sequence.front()).touch;
  for (const TokenId token : sequence) {
    const TokenTraits& next = of(token);
    all.bar_comes_first |= next.bar_comes_first && !all.advances_time && !all.part_of_note;
    all.bars = saturated_sum(all.bars, next.bars);
    all.sets_timing |= next.sets_timing;
    all.advances_time |= next.advances_time;
    all.part_of_note |= next.part_of_note;
    all.strikes |= next.strikes;
    if (next.touch != all.touch) all.touch = Touch::kNone;
    all.notes = saturated_sum(all.notes, next.notes);
  }
  return all;
}

}  // namespace continuo::tokens
