#include "length_goal.h"

#include <algorithm>
#include <cmath>

namespace continuo::generate {
namespace {

constexpr double kMaxAmount = 1e6;

}  // namespace

Timing timing_at_end(const score::Score& score) {
  Timing timing;
  const score::Ticks end = score.end();
  for (const auto& meter : score.time_signatures)
    if (meter.onset < end || meter.onset == score::Ticks(0))
      timing.quarters_per_bar = 4.0 * meter.numerator / meter.denominator;
  const score::Ticks last(std::max<std::int64_t>(0, end.value - 1));
  timing.seconds_per_quarter = score.tempo_map().at(last).microseconds_per_quarter / 1e6;
  return timing;
}

LengthGoal length_goal(const Length& length, const TokenFacts& facts, const Timing& primer, const Timing& decoded) {
  LengthGoal goal;
  if (length.unit == LengthUnit::kTokens) {
    goal.tokens = std::size_t(length.amount);
    goal.max_tokens = *goal.tokens;
    return goal;
  }
  if (length.unit == LengthUnit::kBars && facts.marks_bars()) {
    goal.bars = std::size_t(length.amount);
    goal.max_tokens = *goal.bars * kMaxTokensPerBar;
    return goal;
  }
  double seconds = length.amount;
  if (length.unit == LengthUnit::kBars) seconds *= primer.quarters_per_bar * primer.seconds_per_quarter;
  goal.max_tokens = std::size_t(std::ceil(seconds * double(kMaxTokensPerSecond))) + 16;
  if (!facts.in_clock_time()) seconds *= decoded.seconds_per_quarter / primer.seconds_per_quarter;
  goal.seconds = seconds;
  return goal;
}

Status check_length(const Length& length) {
  const bool whole = length.unit != LengthUnit::kSeconds;
  if (!std::isfinite(length.amount) || length.amount <= 0 || (whole && length.amount < 1))
    return Error{ErrorCode::invalid_argument, "the length must be more than nothing"};
  if (length.amount > kMaxAmount) return Error{ErrorCode::invalid_argument, "the length is beyond 1,000,000"};
  return {};
}

}  // namespace continuo::generate
