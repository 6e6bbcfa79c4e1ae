#pragma once

#include <algorithm>
#include <cstddef>

#include "continuo/kernels/part.h"

namespace continuo::kernels {

// Numbers that are never split, a multiple that suits every vector.
inline constexpr std::size_t kRangeMultiple = 4096;

// The numbers of `count` that belong to a part.
inline Range numbers_of_part(std::size_t count, Part part) {
  const std::size_t blocks = (count + kRangeMultiple - 1) / kRangeMultiple;
  return {std::min(count, part.begin(blocks) * kRangeMultiple), std::min(count, part.end(blocks) * kRangeMultiple)};
}

}  // namespace continuo::kernels
