#pragma once

#include <cstdint>

#include "continuo/base/strong_number.h"

namespace continuo::score {

// Musical time: a count of the Score's ticks, of which ticks_per_quarter make a quarter note.
using Ticks = StrongNumber<struct TicksTag, std::int64_t>;
// Musical time in quarter notes.
using Quarters = StrongNumber<struct QuartersTag, double>;
// Clock time.
using Seconds = StrongNumber<struct SecondsTag, double>;

}  // namespace continuo::score
