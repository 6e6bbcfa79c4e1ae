#include "continuo/kernels/number_types.h"

#include <bit>

#include "continuo/kernels/precision.h"

namespace continuo::kernels {
namespace {

constexpr std::uint32_t kFp16Infinity = 0x7c00, kFp32Infinity = 0x7f800000;
// From here on numbers round to infinity: the largest and half a step.
constexpr float kFp16Overflow = 65520.0F;
// The smallest number that has an implicit leading one, and the step of those that do not.
constexpr float kFp16SmallestNormal = 0x1p-14F, kFp16Step = 0x1p-24F;

}  // namespace

float to_float(Fp16 value) {
  const std::uint32_t sign = std::uint32_t{value.bits} << 16 & 0x80000000U;
  const std::uint32_t exponent = value.bits & kFp16Infinity, fraction = value.bits & 0x3ffU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * kFp16Step;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == kFp16Infinity ? kFp32Infinity : (exponent << 13) + (112U << 23);
  return std::bit_cast<float>(sign | wide | fraction << 13);
}

Fp16 to_fp16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000U, magnitude_bits = bits & 0x7fffffffU;
  const auto magnitude = std::bit_cast<float>(magnitude_bits);
  std::uint32_t narrow = 0;
  if (magnitude_bits > kFp32Infinity) {
    narrow = kFp16Infinity | 0x200U;
  } else if (magnitude >= kFp16Overflow) {
    narrow = kFp16Infinity;
  } else if (magnitude < kFp16SmallestNormal) {
    // Adding and taking away a large number rounds to a multiple of the step.
    narrow = static_cast<std::uint32_t>((magnitude / kFp16Step + 0x1p23F) - 0x1p23F);
  } else {
    const std::uint32_t rounded = magnitude_bits + 0xfffU + (magnitude_bits >> 13 & 1U);
    narrow = (rounded - (112U << 23)) >> 13;
  }
  return {static_cast<std::uint16_t>(sign | narrow)};
}

std::string_view to_string(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kFp16:
      return "fp16";
    case Precision::kBf16:
      return "bf16";
    case Precision::kInt8:
      break;
  }
  return "int8";
}

std::optional<Precision> precision_from_name(std::string_view name) {
  for (const auto precision : {Precision::kFp32, Precision::kFp16, Precision::kBf16, Precision::kInt8}) {
    if (to_string(precision) == name) return precision;
  }
  return std::nullopt;
}

}  // namespace continuo::kernels
