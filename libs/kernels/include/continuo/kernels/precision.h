#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace continuo::kernels {

// How weights, or cached keys and values, are stored. kInt8: whole numbers from -127 to 127 with an fp32 scale for each
// row of a weight matrix and each cached key and value.
enum class Precision { kFp32, kFp16, kBf16, kInt8 };

// "fp32", "fp16", "bf16", "int8"
std::string_view to_string(Precision precision);
std::optional<Precision> precision_from_name(std::string_view name);

// Of one number, without scales.
constexpr std::size_t bytes_of(Precision precision) {
  if (precision == Precision::kFp32) return 4;
  return precision == Precision::kInt8 ? 1 : 2;
}

// How many neighbours along a sum lie together in a panel; for int8 what int8_group() is at most.
constexpr std::size_t group_of(Precision precision) {
  if (precision == Precision::kInt8) return 4;
  return precision == Precision::kBf16 ? 2 : 1;
}

// The same for int8 panels of the instruction set in use: 4 where it multiplies bytes, else 2. Groups of 4 hold each
// number plus 128, as bytes without a sign.
std::size_t int8_group();

}  // namespace continuo::kernels
