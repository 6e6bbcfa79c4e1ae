#pragma once

#include <cstddef>

#include "continuo/kernels/isa.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/vector_math.h"

namespace continuo::kernels {

// out [rows, width] = activation(left [rows, depth] panel [depth, kPanelRows] + bias) + residual. What linear
// layers, attention scores and weighted values all come down to. `width` columns are written, at most
// kPanelRows.
struct PanelProduct {
  std::size_t rows = 1;
  std::size_t depth = 0;
  std::size_t width = kPanelRows;
  ConstRows left;
  const float* panel = nullptr;
  const float* bias = nullptr;  // [kPanelRows] or null
  ConstRows residual;           // null: none
  Rows out;
  Activation activation = Activation::kNone;
};

// One instruction set's kernels.
struct KernelTable {
  void (*panel_product)(const PanelProduct&) noexcept;
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
