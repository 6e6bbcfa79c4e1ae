#pragma once

#include <cstddef>

#include "continuo/kernels/isa.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/vector_math.h"

#include "left_side.h"

namespace continuo::kernels {

// out [rows, columns] = activation(left [rows, depth] right [depth, columns] + bias) + residual. What linear layers,
// attention scores and weighted values all come down to. The last panel of the right-hand side may be part of one; what
// it holds beyond `columns` may be anything. int8 without scales: 1 each.
struct PanelProduct {
  std::size_t rows = 1;
  std::size_t depth = 0;
  std::size_t columns = kPanelRows;
  ConstRows left;
  const std::byte* prepared = nullptr;  // the same rows, each as prepare_row leaves it; or null
  Panels right;
  const float* bias = nullptr;  // [columns, rounded up to whole panels] or null
  ConstRows residual;           // null: none
  Rows out;
  Activation activation = Activation::kNone;

  std::size_t panels() const { return (columns + kPanelRows - 1) / kPanelRows; }
};

// One instruction set's kernels.
struct KernelTable {
  void (*panel_product)(const PanelProduct&) noexcept;
  // One row of `depth` numbers, left_row_bytes(depth) of memory. Null: no product reads anything but floats.
  void (*prepare_row)(LeftForm, const float*, std::size_t depth, std::byte*) noexcept;
  void (*apply)(Function, float*, std::size_t) noexcept;
  void (*layer_norm)(const NormWeights&, const float*, float*, std::size_t) noexcept;
  void (*softmax)(float*, std::size_t, float) noexcept;
  void (*lstm_cell)(const LstmGates&, float*, float*, std::size_t) noexcept;
};

const KernelTable& scalar_table();
// Null when this build or this CPU lacks the instruction set.
const KernelTable* simd_table(Isa isa);
// The table in use.
const KernelTable& kernels_in_use() noexcept;

}  // namespace continuo::kernels
