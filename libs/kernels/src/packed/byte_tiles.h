#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "packed/byte_dot.h"

// ByteProduct for processors with AMX tiles, written over a thin type `Tiles` as matmul/tile_dot.h is, with
//
//   tiles.configure(rows)     of the tiles 0 to 5, sums and left sides; the others have 16
//   tiles.dot_bytes<c, a, b>()      c [16][16] of 32 bits += a [16][64 bytes] b [16 groups][16][4 bytes without a sign]
//
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, TDPBSUD.
namespace continuo::kernels {

inline constexpr std::size_t kByteTileDepth = 64, kByteTileRows = 16;

// Rows [row, row + 16) at most, as many as the tiles are configured for, and one panel.
template <typename Tiles>
void byte_tile_band(Tiles& tiles, const ByteProduct& p, std::size_t row, std::size_t panel) {
  constexpr std::size_t kRowBytes = kPanelRows * kByteGroup, kStepBytes = kByteTileDepth * kPanelRows, kAhead = 4096;
  alignas(64) std::uint8_t copy[kStepBytes];
  const std::size_t out_bytes = p.out_stride * sizeof(std::int32_t), stride = p.row_stride;
  const std::size_t depth = p.groups() * kByteGroup;
  std::int32_t* upper = p.upper_out + row * p.out_stride + panel * kPanelRows;
  std::int32_t* lower = p.lower_out + row * p.out_stride + panel * kPanelRows;
  const std::int8_t *a = p.upper + row * stride, *b = p.lower + row * stride;
  const std::uint8_t* right = p.right + panel * p.right_stride;
  if (p.accumulate) {
    tiles.template load<0>(upper, out_bytes);
    tiles.template load<1>(upper + 16, out_bytes);
    tiles.template load<2>(lower, out_bytes);
    tiles.template load<3>(lower + 16, out_bytes);
  } else {
    tiles.template zero<0>();
    tiles.template zero<1>();
    tiles.template zero<2>();
    tiles.template zero<3>();
  }
  for (std::size_t k = 0; k < depth; k += kByteTileDepth) {
    const std::uint8_t* from = right + k * kPanelRows;
#pragma GCC unroll 32
    for (std::size_t line = 0; line < kStepBytes; line += 64) __builtin_prefetch(from + kAhead + line);
    if (depth - k < kByteTileDepth) {
      // The left side is zero there.
      std::copy_n(from, (depth - k) * kPanelRows, copy);
      std::fill(copy + (depth - k) * kPanelRows, copy + kStepBytes, std::uint8_t{0});
      from = copy;
    }
    tiles.template load<6>(from, kRowBytes);
    tiles.template load<7>(from + 64, kRowBytes);
    tiles.template load<4>(a + k, stride);
    tiles.template load<5>(b + k, stride);
    tiles.template dot_bytes<0, 4, 6>();
    tiles.template dot_bytes<1, 4, 7>();
    tiles.template dot_bytes<2, 5, 6>();
    tiles.template dot_bytes<3, 5, 7>();
  }
  tiles.template store<0>(upper, out_bytes);
  tiles.template store<1>(upper + 16, out_bytes);
  tiles.template store<2>(lower, out_bytes);
  tiles.template store<3>(lower + 16, out_bytes);
}

template <typename Tiles>
void byte_tile_rows(Tiles& tiles, const ByteProduct& p) {
  const std::size_t whole = p.rows / kByteTileRows * kByteTileRows;
  if (whole > 0) tiles.configure(kByteTileRows);
  for (std::size_t row = 0; row < whole; row += kByteTileRows) {
    for (std::size_t panel = 0; panel < p.panels; ++panel) byte_tile_band(tiles, p, row, panel);
  }
  if (whole == p.rows) return;
  tiles.configure(p.rows - whole);
  for (std::size_t panel = 0; panel < p.panels; ++panel) byte_tile_band(tiles, p, whole, panel);
}

}  // namespace continuo::kernels
