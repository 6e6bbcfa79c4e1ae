#pragma once

#include <cstdint>

#include "continuo/score/score.h"

namespace continuo::score {

// The number of the grid step nearest to `time`; half way goes to the later one.
// Requires: both > 0, time >= 0 and below 2^52.
std::int64_t nearest_step(Ticks time, std::int32_t ticks_per_quarter, int steps_per_quarter);

// The same music counted in other ticks. Times go to the nearest new tick (half way: later); a note lasts from
// its new onset to its new end, at least one tick if it lasted at all. Events keep their place in their tick, but where
// they come from several ticks: then they are between. Requires: ticks_per_quarter > 0.
Score resampled(const Score& score, std::int32_t ticks_per_quarter);

// Notes on a grid of `steps_per_quarter`: onset and end each go to the nearest step (half way: later), and a
// note lasts at least one step, so what was legato stays legato. Notes that come to be the same are all kept.
// Controls, bends, tempo, meter and the rest keep their time. Where the grid does not divide the ticks per
// quarter, the score is resampled first to the nearest multiple of steps_per_quarter. Range: steps_per_quarter
// 1 to 960.
Score quantised(const Score& score, int steps_per_quarter);

}  // namespace continuo::score
