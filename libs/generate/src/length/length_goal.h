#pragma once

#include <cstddef>
#include <optional>

#include "continuo/base/result.h"
#include "continuo/generate/options.h"
#include "continuo/score/score.h"

#include "../rules/token_facts.h"

namespace continuo::generate {

// No piece is endless: after this many tokens a model that never advances in time is made to. Dense orchestral music
// has fewer than half as many.
inline constexpr std::size_t kMaxTokensPerBar = 512;
inline constexpr std::size_t kMaxTokensPerSecond = 200;

inline constexpr double kTimeTolerance = 1e-6;  // Units: seconds; sums of steps are not exact

// Where the new music is to end, in a unit that the tokenisation can count: exactly one of the three, and the limit.
struct LengthGoal {
  std::optional<std::size_t> tokens;
  std::optional<std::size_t> bars;
  std::optional<double> seconds;  // of the tokenisation's length meter, after the start
  std::size_t max_tokens = 0;
};

// Meter and tempo of a piece at one place.
struct Timing {
  double quarters_per_bar = 4;
  double seconds_per_quarter = 0.5;
};
// At the end of the last note.
Timing timing_at_end(const score::Score& score);

// Bars are converted to seconds where the tokenisation does not mark them. `primer` is the timing that the length
// refers to, `decoded` that of the same place of the decoded primer, by which the length meter counts musical time.
LengthGoal length_goal(const Length& length, const TokenFacts& facts, const Timing& primer, const Timing& decoded);

// Errors: invalid_argument.
Status check_length(const Length& length);

}  // namespace continuo::generate
