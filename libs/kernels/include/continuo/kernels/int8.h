#pragma once

// Rows of whole numbers of 8 bits with one scale each.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace continuo::kernels {

inline constexpr float kLargestInt8 = 127.0F;

// What a whole number of a row is worth: its largest magnitude is kLargestInt8. 0 for a row of zeros.
inline float int8_scale(std::span<const float> row) {
  float top = 0;
  for (const float value : row) top = std::max(top, std::abs(value));
  return top / kLargestInt8;
}

inline std::int8_t to_int8(float value, float scale) {
  return scale == 0 ? std::int8_t{0}
                    : static_cast<std::int8_t>(std::clamp(std::nearbyint(value / scale), -kLargestInt8, kLargestInt8));
}

}  // namespace continuo::kernels
