#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace continuo::kernels {

// A bfloat16 as stored: the upper half of a float. Arithmetic is done in fp32.
struct Bf16 {
  std::uint16_t bits = 0;
  friend bool operator==(Bf16, Bf16) = default;
};

inline float to_float(float value) { return value; }
inline float to_float(Bf16 value) { return std::bit_cast<float>(std::uint32_t{value.bits} << 16); }

// Rounds to nearest, ties to even. A NaN stays NaN or becomes infinite.
inline Bf16 to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return {static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16)};
}

// An IEEE 754 binary16 as stored: 1 bit of sign, 5 of exponent, 10 of fraction.
struct Fp16 {
  std::uint16_t bits = 0;
  friend bool operator==(Fp16, Fp16) = default;
};

float to_float(Fp16 value);
// Rounds to nearest, ties to even. Beyond the largest, 65504, infinite. A NaN stays NaN.
Fp16 to_fp16(float value);

// Infinite or not a number if one of the numbers is; 0 for none.
inline float largest_magnitude(std::span<const float> numbers) {
  std::int32_t top = 0;  // bits without a sign are in the order of the magnitudes they encode
  for (const float number : numbers) top = std::max(top, std::bit_cast<std::int32_t>(number) & 0x7fffffff);
  return std::bit_cast<float>(top);
}

template <typename Number>
Number number_from(float value);
template <>
inline float number_from<float>(float value) {
  return value;
}
template <>
inline Bf16 number_from<Bf16>(float value) {
  return to_bf16(value);
}

template <>
inline Fp16 number_from<Fp16>(float value) {
  return to_fp16(value);
}

// How many neighbours along a sum the processor multiplies at once: operands are interleaved in groups of this size.
template <typename Number>
inline constexpr std::size_t kGroup = sizeof(float) / sizeof(Number);

}  // namespace continuo::kernels
