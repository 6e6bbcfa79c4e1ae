#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "continuo/kernels/int8.h"

namespace continuo::kernels {

// The left side of an int8 product is rounded to 16 bits: whole numbers `step` apart, as fine as the sum over the row,
// which is kept in 32 bits, allows with right-hand sides of up to kLargestInt8. With weights of 8 bits this costs next to
// nothing. Rounding adds at most a half to each of `depth` numbers. Not a number where one of the row is none.
inline float int16_inverse_step(float top, float magnitude_sum, std::size_t depth) {
  if (!std::isfinite(magnitude_sum)) return std::numeric_limits<float>::quiet_NaN();
  if (top == 0) return 0;
  const float room = 2147483000.0F / kLargestInt8 - static_cast<float>(depth);
  return std::min(32767.0F / top, room / magnitude_sum);
}

}  // namespace continuo::kernels
