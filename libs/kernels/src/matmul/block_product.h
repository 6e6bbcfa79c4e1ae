#pragma once

#include <cstddef>

#include "continuo/kernels/blocks.h"
#include "continuo/kernels/number_types.h"

namespace continuo::kernels {

// What all matrix products of training come down to:  out [rows, 32] (+)= left [rows, depth] right [depth, 32],  summed
// in fp32. Operands are interleaved in groups of kGroup<Number> neighbours along the depth. Of the left one, group k of
// row r lies at left + r * row_stride + k * step: step kGroup for a row-major matrix, another one for a transposed
// view. Of the right one, group k of column c lies at right + (k * 32 + c) * kGroup: a panel.
template <typename Number>
struct BlockProduct {
  std::size_t rows = 0;   // Range: 1 to kBlockRows
  std::size_t depth = 0;  // in numbers. Requires: a multiple of kGroup
  const Number* left = nullptr;
  std::size_t row_stride = 0, step = kGroup<Number>;
  const Number* right = nullptr;
  float* out = nullptr;
  std::size_t out_stride = kPanelRows;
  bool accumulate = false;
};

// A few rows of bf16 and several panels: out [rows, panels * 32] (+)= left [rows, depth] right. Bit by bit what blocks
// give, but at the speed of memory, which is the limit of so few rows.
struct FewRowsProduct {
  std::size_t rows = 1;
  std::size_t depth = 0;  // Requires: even
  const Bf16* left = nullptr;
  std::size_t row_stride = 0;
  const std::byte* right = nullptr;  // the first panel
  std::size_t right_stride = 0;      // from one panel to the next. Units: bytes
  std::size_t panels = 0;
  float* out = nullptr;
  std::size_t out_stride = 0;
  bool accumulate = false;

  const Bf16* panel(std::size_t index) const { return reinterpret_cast<const Bf16*>(right + index * right_stride); }
};

// Depth that is worked through at once, so that a panel's part stays in the first cache levels.
inline constexpr std::size_t kDepthChunk = 512;

constexpr std::size_t round_up(std::size_t count, std::size_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}
constexpr std::size_t panels_for(std::size_t columns) { return (columns + kPanelRows - 1) / kPanelRows; }

// Number (k, column) of a packed matrix.
template <typename Number>
constexpr std::size_t packed_index(std::size_t padded_depth, std::size_t k, std::size_t column) {
  constexpr std::size_t kStep = kGroup<Number>;
  return column / kPanelRows * kPanelRows * padded_depth + (k / kStep * kPanelRows + column % kPanelRows) * kStep +
         k % kStep;
}

}  // namespace continuo::kernels
