#pragma once

#include <vector>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

#include "../core/grid_notes.h"

namespace continuo::tokens {

// At 120 quarters per minute a tick of 1/500 quarter is 1 ms, so that the grid of 10 ms is exact.
inline constexpr std::int32_t kPerformanceTicksPerQuarter = 500;
inline constexpr std::int64_t kPerformanceTicksPerStep = 10;

// The notes that a tokenisation of performances takes, on its grid of 10 ms: of one voice, prolonged by the pedal, at
// most 20 s long, with the velocity of their bin. `shortened` counts silences beyond 60 s. Errors: those of
// check_score().
Result<std::vector<GridNote>> performed_notes(const score::Score& score, bool wants_drums, int& shortened);

// What encoding as such notes loses.
std::string performance_losses(const score::Score& score, bool wants_drums);

}  // namespace continuo::tokens
