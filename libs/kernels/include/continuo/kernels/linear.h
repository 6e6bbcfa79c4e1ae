#pragma once

#include <cstddef>

#include "continuo/kernels/packed_matrix.h"

namespace continuo::kernels {

// GELU is exact (erf), or by the tanh approximation; SiLU, also Swish, is x sigmoid(x).
enum class Activation { kNone, kGelu, kGeluTanh, kSilu };

// Rows of numbers inside a larger block: row r starts at data + r * stride.
struct ConstRows {
  const float* data = nullptr;
  std::size_t stride = 0;
};
struct Rows {
  float* data = nullptr;
  std::size_t stride = 0;
};

// Panels that a single row goes through together: ranges of a multiple of it are the fastest.
inline constexpr std::size_t kPanelsSideBySide = 2;

// A contiguous share of a matrix's panels: what one thread computes.
struct PanelRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct LinearCall {
  std::size_t rows = 1;     // of input and output: tokens
  ConstRows input;          // [rows, matrix.columns()]
  Rows output;              // [rows, matrix.rows()]
  ConstRows residual = {};  // [rows, matrix.rows()], added last; may be the output itself; data null: none
  Activation activation = Activation::kNone;
};

// output = activation(input W^T + b) + residual, for the output columns of these panels. One row runs at the
// speed of memory, many rows at that of arithmetic. Every output is one sum over the columns in a fixed order, whatever the
// number of rows; only bf16 on a CPU with an instruction for its products rounds more than one row to bf16 on the left.
void linear(const PackedMatrix& matrix, const LinearCall& call, PanelRange panels) noexcept;

// Gets the memory that products of several rows need for sums over up to `depth` numbers, which the calling thread then
// keeps. Without it the first such product gets it.
void reserve_linear_memory(Precision precision, std::size_t depth);

}  // namespace continuo::kernels
