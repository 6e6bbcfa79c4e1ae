#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "continuo/kernels/int8.h"

namespace continuo::kernels {

// The largest whole number of a left side: what an upper and a lower byte, both with a sign, can encode.
inline constexpr float kLargestInt16 = 127 * 256 + 127;

// What rounding may add to the sum of a row's magnitudes: at most a half for each number. The same for all rows, so
// that zeros after a row change nothing.
inline constexpr std::size_t kRoundingRoom = std::size_t{1} << 18;

// The left side of an int8 product is rounded to 16 bits: whole numbers `step` apart, as fine as the sum over the row,
// which is kept in 32 bits, allows with right-hand sides of up to kLargestInt8. With weights of 8 bits this costs next
// to nothing. Not a number where one of the row is none. Requires: a row of at most kRoundingRoom numbers.
inline float int16_inverse_step(float top, float magnitude_sum) {
  if (!std::isfinite(magnitude_sum)) return std::numeric_limits<float>::quiet_NaN();
  if (top == 0) return 0;
  constexpr float kRoom = 2147483000.0F / kLargestInt8 - static_cast<float>(kRoundingRoom);
  return std::min(kLargestInt16 / top, kRoom / magnitude_sum);
}

}  // namespace continuo::kernels
