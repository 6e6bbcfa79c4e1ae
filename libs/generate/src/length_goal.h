#pragma once

#include <cstddef>
#include <optional>

#include "continuo/generate/compose.h"

#include "token_facts.h"

namespace continuo::generate {

// No piece is endless: a model that never moves on in time is made to at these many tokens. Dense orchestral music
// stays below half of them.
inline constexpr std::size_t kMaxTokensPerBar = 512;
inline constexpr std::size_t kMaxTokensPerSecond = 200;

inline constexpr double kTimeTolerance = 1e-6;  // Units: seconds; sums of steps are not exact

// Where the new music is to end, in what the tokenisation itself can count. One of the three units; the limit always.
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

// Bars become seconds where the tokenisation does not mark them. `primer` is the timing in which bars and seconds were
// meant, `decoded` that of the same place after the way through the tokenisation: musical time runs by the latter.
LengthGoal length_goal(const Length& length, const TokenFacts& facts, const Timing& primer, const Timing& decoded);

// Errors: invalid_argument.
Status check_length(const Length& length);

}  // namespace continuo::generate
