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
// speed of memory, many rows at that of arithmetic; every output is one sum over the columns in a fixed order.
void linear(const PackedMatrix& matrix, const LinearCall& call, PanelRange panels);

}  // namespace continuo::kernels
