#pragma once

#include "continuo/score/score.h"

namespace continuo::score {

// Whether three of its units are a beat: 6/8, 9/8, 12/8 and their like.
inline bool is_compound(const TimeSignature& meter) {
  return meter.denominator >= 8 && meter.numerator > 3 && meter.numerator % 3 == 0;
}

}  // namespace continuo::score
