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
  switch (precision) {
    case Precision::kFp32:
      return 4;
    case Precision::kFp16:
    case Precision::kBf16:
      return 2;
    case Precision::kInt8:
      return 1;
  }
  return 0;
}

}  // namespace continuo::kernels
