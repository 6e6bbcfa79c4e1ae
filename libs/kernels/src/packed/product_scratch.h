#pragma once

#include <algorithm>
#include <cstddef>

#include "continuo/kernels/packed_matrix.h"

#include "matmul/block_product.h"
#include "packed/left_side.h"

namespace continuo::kernels {

// Rows that share a panel while it is in the cache.
inline constexpr std::size_t kRowChunk = 4 * kBlockRows;

// Sums of a row and a panel that products of bytes have at the same time, for each half of the left side.
inline constexpr std::size_t kByteSums = 192;

// What a product of several rows takes of a thread's Scratch: a chunk's sums, and part of a panel as fp32 or the left
// side as it was converted.
constexpr std::size_t product_scratch_bytes(Precision precision, std::size_t depth) {
  const std::size_t sums = std::max(kRowChunk, 2 * kByteSums) * kPanelRows * sizeof(float);
  const std::size_t wide = kDepthChunk * kPanelRows * sizeof(float);
  const std::size_t narrow = kRowChunk * left_row_bytes(depth);
  return sums + (group_of(precision) == 1 ? wide : std::max(wide, narrow));
}

}  // namespace continuo::kernels
