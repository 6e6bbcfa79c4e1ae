#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "matmul/block_product.h"

// BlockProduct<Bf16> for processors with AMX tiles: 16 rows of 64 bytes, of which two are multiplied into a third of
// fp32 sums. Written over a thin type `Tiles`, of which there are two: the processor's, and a plain one that computes
// the same and lets any CPU test the order of the work.
//
//   tiles.zero<t>()
//   tiles.load<t>(bytes, stride_bytes), tiles.store<t>(bytes, stride_bytes)      16 rows of 64 bytes
//   tiles.load_passing<t>(bytes, stride_bytes)        the same, of what will not stay in the first cache level
//   tiles.dot<c, a, b>()        c [16][16] fp32 += a [16][16 pairs] b [16 pairs][16][2]
//   Tiles::transpose(from, stride_bytes, count, to)   `count` rows of 16 words become columns of a square
//
// For a few rows the tiles 0 to 5, sums and left sides, are configured to have as many instead of 16. All functions are
// templates of that type, since the processor's is compiled for other instructions than the rest.
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, TDPBF16PS.
namespace continuo::kernels {

inline constexpr std::size_t kTileRowCount = 16;
inline constexpr std::size_t kTileDepth = 32;  // bf16 numbers

// Operands of one step along the depth, as the tiles need them: either where they lie, or copied and padded.
struct TileOperand {
  const void* data;
  std::size_t stride_bytes;
};

// Room for the copy of a panel's step. Not initialised, as an array of Bf16 would be.
struct TileCopy {
  alignas(64) std::uint16_t bits[kTileDepth * kPanelRows];
  Bf16* numbers() { return reinterpret_cast<Bf16*>(bits); }
};

// Rows of the left side whose numbers are neighbours: where they lie, or copied and filled up with zeros if the depth
// ends within the tile.
template <typename Tiles>
TileOperand left_rows(const Bf16* from, std::size_t row_stride, std::size_t rows, std::size_t depth, Bf16* copy) {
  if (depth >= kTileDepth) return {from, row_stride * sizeof(Bf16)};
  std::fill_n(copy, rows * kTileDepth, Bf16{});
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(from + r * row_stride, depth, copy + r * kTileDepth);
  return {copy, kTileDepth * sizeof(Bf16)};
}

// 16 rows of the left side from `row`, depth [k, k + 32). Copies where rows or depth are missing, or where neighbours
// along the depth are not neighbours in memory.
template <typename Tiles>
TileOperand left_tile(const BlockProduct<Bf16>& p, std::size_t row, std::size_t k, Bf16* copy) {
  const std::size_t rows = std::min(kTileRowCount, p.rows - row), depth = std::min(kTileDepth, p.depth - k);
  const Bf16* from = p.left + row * p.row_stride + k / 2 * p.step;
  if (rows == kTileRowCount && p.step == 2) return left_rows<Tiles>(from, p.row_stride, rows, depth, copy);
  if (rows == kTileRowCount && p.row_stride == 2) {
    Tiles::transpose(from, p.step * sizeof(Bf16), depth / 2, copy);
    return {copy, kTileDepth * sizeof(Bf16)};
  }
  std::fill_n(copy, kTileRowCount * kTileDepth, Bf16{});
  if (p.step == 2) {
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(from + r * p.row_stride, depth, copy + r * kTileDepth);
    return {copy, kTileDepth * sizeof(Bf16)};
  }
  for (std::size_t pair = 0; pair < depth / 2; ++pair) {
    for (std::size_t r = 0; r < rows; ++r) {
      std::memcpy(copy + r * kTileDepth + 2 * pair, from + r * p.row_stride + pair * p.step, 2 * sizeof(Bf16));
    }
  }
  return {copy, kTileDepth * sizeof(Bf16)};
}

// The panel's step [k, k + 32), both halves of its columns.
template <typename Tiles>
TileOperand right_tile(const Bf16* panel, std::size_t panel_depth, std::size_t k, Bf16* copy) {
  constexpr std::size_t kRowBytes = 2 * kPanelRows * sizeof(Bf16);
  const std::size_t depth = std::min(kTileDepth, panel_depth - k);
  const Bf16* from = panel + k * kPanelRows;
  if (depth == kTileDepth) return {from, kRowBytes};
  std::fill_n(copy, kTileDepth * kPanelRows, Bf16{});
  std::copy_n(from, depth * kPanelRows, copy);
  return {copy, kRowBytes};
}

template <typename Tiles>
TileOperand second_half(TileOperand right) {
  return {static_cast<const std::byte*>(right.data) + 64, right.stride_bytes};
}

// Rows [row, row + 16 kBands) of the output; sums stay in tiles 0 to 3.
template <typename Tiles, int kBands>
void tile_bands(Tiles& tiles, const BlockProduct<Bf16>& p, std::size_t row) {
  TileCopy copies[3];
  alignas(64) float sums[kBands * kTileRowCount * kPanelRows];
  const std::size_t rows = std::min(kBands * kTileRowCount, p.rows - row);
  const bool whole = rows == kBands * kTileRowCount;
  float* out = p.out + row * p.out_stride;
  float* at = whole ? out : sums;
  const std::size_t stride = whole ? p.out_stride : kPanelRows, bytes = stride * sizeof(float);
  if (!whole && p.accumulate) {
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(out + r * p.out_stride, kPanelRows, sums + r * kPanelRows);
  }
  float* second = at + kTileRowCount * stride;
  if (p.accumulate) {
    tiles.template load<0>(at, bytes);
    tiles.template load<1>(at + 16, bytes);
    if constexpr (kBands == 2) tiles.template load<2>(second, bytes);
    if constexpr (kBands == 2) tiles.template load<3>(second + 16, bytes);
  } else {
    tiles.template zero<0>();
    tiles.template zero<1>();
    if constexpr (kBands == 2) tiles.template zero<2>();
    if constexpr (kBands == 2) tiles.template zero<3>();
  }
  for (std::size_t k = 0; k < p.depth; k += kTileDepth) {
    const TileOperand right = right_tile<Tiles>(p.right, p.depth, k, copies[0].numbers());
    const TileOperand half = second_half<Tiles>(right);
    const TileOperand left = left_tile<Tiles>(p, row, k, copies[1].numbers());
    tiles.template load<6>(right.data, right.stride_bytes);
    tiles.template load<7>(half.data, half.stride_bytes);
    tiles.template load_passing<4>(left.data, left.stride_bytes);
    tiles.template dot<0, 4, 6>();
    tiles.template dot<1, 4, 7>();
    if constexpr (kBands == 2) {
      const TileOperand lower = left_tile<Tiles>(p, row + kTileRowCount, k, copies[2].numbers());
      tiles.template load_passing<5>(lower.data, lower.stride_bytes);
      tiles.template dot<2, 5, 6>();
      tiles.template dot<3, 5, 7>();
    }
  }
  tiles.template store<0>(at, bytes);
  tiles.template store<1>(at + 16, bytes);
  if constexpr (kBands == 2) tiles.template store<2>(second, bytes);
  if constexpr (kBands == 2) tiles.template store<3>(second + 16, bytes);
  for (std::size_t r = 0; !whole && r < rows; ++r) {
    std::copy_n(sums + r * kPanelRows, kPanelRows, out + r * p.out_stride);
  }
}

template <typename Tiles>
void tile_block_product(Tiles& tiles, const BlockProduct<Bf16>& p) {
  std::size_t row = 0;
  for (; row + kTileRowCount < p.rows; row += 2 * kTileRowCount) tile_bands<Tiles, 2>(tiles, p, row);
  if (row < p.rows) tile_bands<Tiles, 1>(tiles, p, row);
}

// Panels stream by faster than the processor foresees: it is told this many bytes ahead, two steps along the depth.
inline constexpr std::size_t kTileRowAhead = 4096;

// Requires: tiles that are configured for these rows.
template <typename Tiles>
void tile_few_rows(Tiles& tiles, const FewRowsProduct& p, std::size_t panel) {
  TileCopy copies[2];
  const Bf16* const columns = p.panel(panel);
  const std::size_t depth = p.depth, rows = p.rows, out_bytes = p.out_stride * sizeof(float);
  float* out = p.out + panel * kPanelRows;
  if (p.accumulate) {
    tiles.template load<0>(out, out_bytes);
    tiles.template load<1>(out + 16, out_bytes);
  } else {
    tiles.template zero<0>();
    tiles.template zero<1>();
  }
  for (std::size_t k = 0; k < depth; k += kTileDepth) {
    const TileOperand right = right_tile<Tiles>(columns, depth, k, copies[0].numbers());
    const TileOperand half = second_half<Tiles>(right);
    const TileOperand left = left_rows<Tiles>(p.left + k, p.row_stride, rows, depth - k, copies[1].numbers());
    const auto* ahead = reinterpret_cast<const std::byte*>(columns + k * kPanelRows) + kTileRowAhead;
#pragma GCC unroll 32
    for (std::size_t line = 0; line < kTileDepth * kPanelRows * sizeof(Bf16); line += 64) {
      __builtin_prefetch(ahead + line);
    }
    tiles.template load<4>(left.data, left.stride_bytes);
    tiles.template load<6>(right.data, right.stride_bytes);
    tiles.template load<7>(half.data, half.stride_bytes);
    tiles.template dot<0, 4, 6>();
    tiles.template dot<1, 4, 7>();
  }
  tiles.template store<0>(out, out_bytes);
  tiles.template store<1>(out + 16, out_bytes);
}

template <typename Tiles>
void tile_few_rows_product(Tiles& tiles, const FewRowsProduct& p) {
  for (std::size_t panel = 0; panel < p.panels; ++panel) tile_few_rows(tiles, p, panel);
}

}  // namespace continuo::kernels
