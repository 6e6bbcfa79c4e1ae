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
  std::size_t rows = 1;     // of input and output: tokens; 0: nothing is done
  ConstRows input;          // [rows, matrix.columns()]
  Rows output;              // [rows, matrix.rows()]
  ConstRows residual = {};  // [rows, matrix.rows()], added last; may be the output itself; data null: none
  Activation activation = Activation::kNone;
  const std::byte* prepared = nullptr;  // the input as prepare_left() left it, from the call's first row on; or null
};

// output = activation(input W^T + b) + residual, for the output columns of these panels. One row runs at the speed of
// memory, many rows at that of arithmetic. Within one instruction set every output is one sum over the columns in a
// fixed order: its bits depend neither on the number of rows nor on how a product is cut, by panels or by rows. Where
// the CPU multiplies bf16 itself, products with bf16 weights round their input to bf16; with int8 weights it is rounded
// to 16 bits everywhere.
void linear(const PackedMatrix& matrix, const LinearCall& call, PanelRange panels) noexcept;

// The input of a product, converted once for all calls that share the product: small pieces of it would otherwise
// convert it again each. Changes no bit of the result. Row r lies at r * prepared_left_bytes(weights, 1, depth), so a
// call for rows from r on moves its pointers, `prepared` among them, by r rows. Valid for the instruction set it was
// made for.
//
// 0 where products read the rows as they are: nothing needs to be prepared then.
std::size_t prepared_left_bytes(Precision weights, std::size_t rows, std::size_t depth);
// Converts the rows [first_row, first_row + rows). Rows are independent: threads may share the work.
// Shape: input, memory: all rows of the product. Requires: memory is aligned to 64 bytes.
void prepare_left(Precision weights, std::size_t depth, ConstRows input, std::size_t first_row, std::size_t rows,
                  std::byte* memory) noexcept;

// Gets the memory that products of several rows need for sums over up to `depth` numbers, which the calling thread then
// keeps. Without it the first such product gets it.
void reserve_linear_memory(Precision precision, std::size_t depth);

}  // namespace continuo::kernels
