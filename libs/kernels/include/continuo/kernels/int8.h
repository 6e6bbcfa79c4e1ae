#pragma once

// Rows of whole numbers of 8 bits with one scale each.

#include <algorithm>
#include <cstdint>
#include <span>

#include "continuo/kernels/number_types.h"

namespace continuo::kernels {

inline constexpr float kLargestInt8 = 127.0F;

// What a whole number of a row is worth: its largest magnitude is kLargestInt8. 0 for a row of zeros.
inline float int8_scale(std::span<const float> row) { return largest_magnitude(row) / kLargestInt8; }

// Rounds to nearest, ties to even.
inline std::int8_t to_int8(float value, float scale) {
  constexpr float kRounding = 0x1.8p23F;  // among numbers of this size only whole ones are floats
  const float ratio = value / (scale == 0 ? 1 : scale);
  const float bounded = std::min(kLargestInt8, std::max(-kLargestInt8, ratio));
  return static_cast<std::int8_t>((bounded + kRounding) - kRounding);
}

}  // namespace continuo::kernels
