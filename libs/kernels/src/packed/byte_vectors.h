#pragma once

#include <cstddef>
#include <cstdint>

#include "packed/byte_dot.h"

// ByteProduct, written over a thin vector type `V`, of which there are two for each processor: its own, and a plain one
// that lets any CPU test the order of the work.
//
//   V                    V::kLanes sums of 32 bits
//   V::zero(), V::load(const std::int32_t*), value.store(std::int32_t*)
//   V::weights(const std::uint8_t*)     4 bytes for each lane
//   V::everywhere(const std::int8_t*)   4 bytes in all lanes
//   value.dot(weights, bytes)           value + the sum of four products
//   V::kRowPanels, V::kTileRows         panels of one row, and rows of a tile, for which there are registers

namespace continuo::kernels {

template <typename V, std::size_t kPanels>
inline void byte_row_panels(const ByteProduct& p, std::size_t panel) {
  constexpr std::size_t kVectors = kPanelRows / V::kLanes, kAll = kPanels * kVectors, kAhead = 1024;
  V upper[kAll], lower[kAll];
  const std::uint8_t* right[kPanels];
  const std::size_t at = panel * kPanelRows, groups = p.groups();
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kPanels; ++i) right[i] = p.right + (panel + i) * p.right_stride;
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kAll; ++v) {
    upper[v] = p.accumulate ? V::load(p.upper_out + at + v * V::kLanes) : V::zero();
    lower[v] = p.accumulate ? V::load(p.lower_out + at + v * V::kLanes) : V::zero();
  }
  for (std::size_t group = 0; group < groups; ++group) {
    const auto a = V::everywhere(p.upper + group * kByteGroup), b = V::everywhere(p.lower + group * kByteGroup);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kAll; ++v) {
      const std::uint8_t* bytes = right[v / kVectors] + (group * kPanelRows + v % kVectors * V::kLanes) * kByteGroup;
      if (v % kVectors * V::kLanes % 16 == 0) __builtin_prefetch(bytes + kAhead);
      const auto weights = V::weights(bytes);
      upper[v] = upper[v].dot(weights, a);
      lower[v] = lower[v].dot(weights, b);
    }
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kAll; ++v) {
    upper[v].store(p.upper_out + at + v * V::kLanes);
    lower[v].store(p.lower_out + at + v * V::kLanes);
  }
}

template <typename V>
inline void byte_row(const ByteProduct& p) {
  std::size_t panel = 0;
  for (; panel + V::kRowPanels <= p.panels; panel += V::kRowPanels) byte_row_panels<V, V::kRowPanels>(p, panel);
  for (; panel < p.panels; ++panel) byte_row_panels<V, 1>(p, panel);
}

// kRows rows and two vectors of columns.
template <typename V, std::size_t kRows>
inline void byte_tile(const ByteProduct& p, std::size_t row, std::size_t panel, std::size_t column) {
  V upper[kRows][2], lower[kRows][2];
  const std::size_t out = row * p.out_stride + panel * kPanelRows + column, groups = p.groups(), stride = p.row_stride;
  const std::int8_t *a = p.upper + row * stride, *b = p.lower + row * stride;
  const std::uint8_t* right = p.right + panel * p.right_stride + column * kByteGroup;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < 2; ++v) {
      const std::size_t at = out + i * p.out_stride + v * V::kLanes;
      upper[i][v] = p.accumulate ? V::load(p.upper_out + at) : V::zero();
      lower[i][v] = p.accumulate ? V::load(p.lower_out + at) : V::zero();
    }
  }
  for (std::size_t group = 0; group < groups; ++group, a += kByteGroup, b += kByteGroup) {
    const auto low = V::weights(right), high = V::weights(right + V::kLanes * kByteGroup);
    right += kPanelRows * kByteGroup;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRows; ++i) {
      const auto x = V::everywhere(a + i * stride), y = V::everywhere(b + i * stride);
      upper[i][0] = upper[i][0].dot(low, x);
      upper[i][1] = upper[i][1].dot(high, x);
      lower[i][0] = lower[i][0].dot(low, y);
      lower[i][1] = lower[i][1].dot(high, y);
    }
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < 2; ++v) {
      const std::size_t at = out + i * p.out_stride + v * V::kLanes;
      upper[i][v].store(p.upper_out + at);
      lower[i][v].store(p.lower_out + at);
    }
  }
}

// The rows that do not fill a tile.
template <typename V, std::size_t kRows>
inline void byte_tile_of(std::size_t rows, const ByteProduct& p, std::size_t row, std::size_t panel,
                         std::size_t column) {
  if (rows == kRows) return byte_tile<V, kRows>(p, row, panel, column);
  if constexpr (kRows > 1) byte_tile_of<V, kRows - 1>(rows, p, row, panel, column);
}

template <typename V>
inline void byte_rows(const ByteProduct& p) {
  for (std::size_t panel = 0; panel < p.panels; ++panel) {
    for (std::size_t column = 0; column < kPanelRows; column += 2 * V::kLanes) {
      std::size_t row = 0;
      for (; row + V::kTileRows <= p.rows; row += V::kTileRows) byte_tile<V, V::kTileRows>(p, row, panel, column);
      if (row < p.rows) byte_tile_of<V, V::kTileRows - 1>(p.rows - row, p, row, panel, column);
    }
  }
}

}  // namespace continuo::kernels
