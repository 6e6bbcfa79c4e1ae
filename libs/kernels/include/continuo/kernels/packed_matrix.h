#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "continuo/kernels/aligned_floats.h"
#include "continuo/kernels/blocks.h"
#include "continuo/kernels/number_types.h"
#include "continuo/kernels/precision.h"

namespace continuo::kernels {

// How many neighbours along a sum lie together in a panel; for int8 the most that int8_group() can be.
constexpr std::size_t group_of(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
    case Precision::kFp16:
      return 1;
    case Precision::kBf16:
      return 2;
    case Precision::kInt8:
      return 4;
  }
  return 1;
}

// The same for int8 panels of the instruction set in use: 4 where it multiplies bytes, else 2. Groups of 4 hold each
// number plus 128, as bytes without a sign.
std::size_t int8_group();

// Panels: blocks of kPanelRows columns of the right-hand side of a product, one after the other. Number (k, column) of
// a panel has the index (k / g * kPanelRows + column) * g + k % g, g being the group. A view.
struct Panels {
  Precision precision = Precision::kFp32;
  const std::byte* data = nullptr;
  std::size_t stride = 0;         // from one panel to the next. Units: bytes
  const float* scales = nullptr;  // of each column, kInt8 only
  std::size_t group = 1;          // group_of(precision), or what int8_group() was when the panels were packed

  Panels from(std::size_t panel) const {
    return {precision, data + panel * stride, stride, scales == nullptr ? nullptr : scales + panel * kPanelRows, group};
  }
};

// The weights of y = W x + b in the order in which the kernels read them, rounded to `precision`. int8 rows have the
// scale max |w| / 127. They lie as the instruction set in use reads them best; others read them too, but slowly.
// Immutable. Thread-safe. Moves, does not copy.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  // Shape: weights [rows, columns] row-major; bias [rows], or empty for none. Requires: finite weights, within +-65504
  // for fp16.
  PackedMatrix(std::size_t rows, std::size_t columns, std::span<const float> weights, std::span<const float> bias,
               Precision precision = Precision::kFp32);
  // The same with rows[i] pointing to the numbers of row i, or null for zeros.
  PackedMatrix(std::span<const float* const> rows, std::size_t columns, std::span<const float> bias,
               Precision precision = Precision::kFp32);
  // Rows that are rounded already stay as they are. Shape: scales [rows.size()] of int8 rows, else empty.
  PackedMatrix(std::span<const std::int8_t* const> rows, std::span<const float> scales, std::size_t columns,
               std::span<const float> bias);
  PackedMatrix(std::span<const Bf16* const> rows, std::size_t columns, std::span<const float> bias);
  PackedMatrix(std::span<const Fp16* const> rows, std::size_t columns, std::span<const float> bias);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  Precision precision() const { return precision_; }
  // Work is split among threads by panels. Each output is summed in the same order whatever the split.
  std::size_t panels() const { return (rows_ + kPanelRows - 1) / kPanelRows; }
  // What a product with one row reads, scales included.
  std::size_t bytes() const { return (weights_.size() + scales_.size()) * sizeof(float); }

  // Panel i holds the rows from i * kPanelRows on as columns; those beyond the matrix are zero.
  Panels view() const;
  const float* bias() const { return bias_.data(); }  // [panels() * kPanelRows]

 private:
  struct Shape {
    std::size_t rows, columns;
  };
  PackedMatrix(Shape shape, std::span<const float> bias, Precision precision);

  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  Precision precision_ = Precision::kFp32;
  std::size_t group_ = 1;
  AlignedFloats weights_;
  AlignedFloats scales_;
  AlignedFloats bias_;
};

// Of one panel. Units: bytes, a multiple of 64.
constexpr std::size_t panel_bytes(Precision precision, std::size_t depth) {
  const std::size_t group = group_of(precision);
  return (depth + group - 1) / group * group * kPanelRows * bytes_of(precision);
}

}  // namespace continuo::kernels
