#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "continuo/kernels/int8.h"

namespace continuo::engine {

// A matrix as int8 files hold it: rows of whole numbers with one scale each. Shape: numbers row-major, scales [rows].
struct Int8Rows {
  std::vector<std::int8_t> numbers;
  std::vector<float> scales;
};

inline Int8Rows int8_rows(std::span<const float> weights, std::size_t columns) {
  Int8Rows result;
  result.numbers.reserve(weights.size());
  for (std::size_t begin = 0; begin < weights.size(); begin += columns) {
    const auto row = weights.subspan(begin, columns);
    result.scales.push_back(kernels::int8_scale(row));
    for (const float weight : row) result.numbers.push_back(kernels::to_int8(weight, result.scales.back()));
  }
  return result;
}

}  // namespace continuo::engine
