#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "continuo/kernels/packed_matrix.h"

#include "training/block_product.h"

namespace continuo::kernels {

// Rows that share a panel while it is in the cache.
inline constexpr std::size_t kRowChunk = 4 * kBlockRows;

// What a product of several rows takes of a thread's Scratch: a chunk's sums, and part of a panel as fp32 or the left side
// in 16 bits with its steps.
constexpr std::size_t product_scratch_bytes(Precision precision, std::size_t depth) {
  const std::size_t sums = kRowChunk * kPanelRows * sizeof(float);
  const std::size_t wide = kDepthChunk * kPanelRows * sizeof(float);
  const std::size_t narrow = kRowChunk * (round_up(depth, 2) * sizeof(std::int16_t) + sizeof(float));
  return sums + (group_of(precision) == 1 ? wide : std::max(wide, narrow));
}

}  // namespace continuo::kernels
