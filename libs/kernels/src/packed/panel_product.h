#pragma once

#include <cstddef>

#include "continuo/kernels/activation.h"
#include "continuo/kernels/isa.h"
#include "continuo/kernels/matrix.h"
#include "continuo/kernels/packed_matrix.h"

#include "packed/left_form.h"
#include "packed/left_side.h"

namespace continuo::kernels {

// out [rows, columns] = activation(left [rows, depth] right [depth, columns] + bias) + residual. What linear layers,
// attention scores and weighted values all come down to. The last panel of the right-hand side may be part of one; what
// it holds beyond `columns` may be anything. int8 without scales: 1 each.
struct PanelProduct {
  std::size_t rows = 1;
  std::size_t depth = 0;
  std::size_t columns = kPanelRows;
  Matrix<const float> left;
  const std::byte* prepared = nullptr;  // the same rows, each as prepare_row leaves it; or null
  Panels right;
  const float* bias = nullptr;   // [columns, rounded up to whole panels] or null
  Matrix<const float> residual;  // optional
  Matrix<float> out;
  Activation activation = Activation::kNone;

  std::size_t panels() const { return (columns + kPanelRows - 1) / kPanelRows; }
};

// One instruction set's products.
struct PanelTable {
  void (*product)(const PanelProduct&) noexcept;
  // One row of `depth` numbers, left_row_bytes(depth) of memory. Null: no product reads anything but floats.
  void (*prepare_row)(LeftForm, const float*, std::size_t depth, std::byte*) noexcept;
};

const PanelTable& scalar_panel_table();
// Null when this build or this CPU lacks the instruction set.
const PanelTable* simd_panel_table(Isa isa);
// Of the instruction set in use.
const PanelTable& panel_kernels() noexcept;

}  // namespace continuo::kernels
