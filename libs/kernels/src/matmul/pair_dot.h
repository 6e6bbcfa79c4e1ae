#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "matmul/block_product.h"

// BlockProduct<Bf16> for processors that multiply pairs of bf16 and add both products to an fp32 sum in one
// instruction. Written over a thin vector type `V`, of which there are two: the processor's, and a plain one that
// computes the same and lets any CPU test the order of the work.
//
//   V            16 fp32 sums
//   V::Pairs     16 pairs of bf16
//   V::zero(), V::load(const float*), value.store(float*)
//   V::pairs(const Bf16*), V::everywhere(const Bf16*)    32 numbers; one pair in all places
//   value.dot(Pairs, Pairs)                              value + a.first * b.first + a.second * b.second
namespace continuo::kernels {

// 8 rows and the panel's 32 columns: 16 sums in registers, enough to hide the instruction's latency.
inline constexpr std::size_t kPairTileRows = 8;

template <typename V, std::size_t kRows>
inline void pair_tile(const BlockProduct<Bf16>& p, std::size_t row) {
  V low[kRows], high[kRows];
  float* out = p.out + row * p.out_stride;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kRows; ++i) {
    low[i] = p.accumulate ? V::load(out + i * p.out_stride) : V::zero();
    high[i] = p.accumulate ? V::load(out + i * p.out_stride + 16) : V::zero();
  }
  const Bf16* left = p.left + row * p.row_stride;
  const Bf16* right = p.right;
  for (std::size_t k = 0; k < p.depth; k += 2, left += p.step, right += 2 * kPanelRows) {
    const auto b0 = V::pairs(right), b1 = V::pairs(right + kPanelRows);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRows; ++i) {
      const auto a = V::everywhere(left + i * p.row_stride);
      low[i] = low[i].dot(a, b0);
      high[i] = high[i].dot(a, b1);
    }
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kRows; ++i) {
    low[i].store(out + i * p.out_stride);
    high[i].store(out + i * p.out_stride + 16);
  }
}

// The rows that do not fill a tile.
template <typename V, std::size_t kRows>
inline void pair_rest(std::size_t rows, const BlockProduct<Bf16>& p, std::size_t row) {
  if (rows == kRows) return pair_tile<V, kRows>(p, row);
  if constexpr (kRows > 1) pair_rest<V, kRows - 1>(rows, p, row);
}

template <typename V>
inline void pair_block_product(const BlockProduct<Bf16>& p) {
  std::size_t row = 0;
  for (; row + kPairTileRows <= p.rows; row += kPairTileRows) pair_tile<V, kPairTileRows>(p, row);
  if (row < p.rows) pair_rest<V, kPairTileRows - 1>(p.rows - row, p, row);
}

// Panels that a row goes through side by side: enough sums to hide the instruction's latency.
inline constexpr std::size_t kPairRowPanels = 4;
// Panels stream by faster than the processor foresees: it is told this many bytes ahead.
inline constexpr std::size_t kPairRowAhead = 1024;

template <typename V, std::size_t kPanels>
inline void pair_row_panels(const FewRowsProduct& p, std::size_t panel) {
  constexpr std::size_t kVectors = 2 * kPanels;
  const Bf16* right[kPanels];
  V sums[kVectors];
  float* out = p.out + panel * kPanelRows;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kPanels; ++i) right[i] = p.panel(panel + i);
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) sums[v] = p.accumulate ? V::load(out + 16 * v) : V::zero();
  for (std::size_t k = 0; k < p.depth; k += 2) {
    const auto a = V::everywhere(p.left + k);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kPanels; ++i) {
      const Bf16* pairs = right[i] + k * kPanelRows;
      __builtin_prefetch(reinterpret_cast<const std::byte*>(pairs) + kPairRowAhead);
      __builtin_prefetch(reinterpret_cast<const std::byte*>(pairs) + kPairRowAhead + 64);
      sums[2 * i] = sums[2 * i].dot(a, V::pairs(pairs));
      sums[2 * i + 1] = sums[2 * i + 1].dot(a, V::pairs(pairs + kPanelRows));
    }
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) sums[v].store(out + 16 * v);
}

// Each sum grows as those of pair_tile do. Requires: one row.
template <typename V>
inline void pair_row_product(const FewRowsProduct& p) {
  std::size_t panel = 0;
  for (; panel + kPairRowPanels <= p.panels; panel += kPairRowPanels) pair_row_panels<V, kPairRowPanels>(p, panel);
  for (; panel + 2 <= p.panels; panel += 2) pair_row_panels<V, 2>(p, panel);
  if (panel < p.panels) pair_row_panels<V, 1>(p, panel);
}

}  // namespace continuo::kernels
