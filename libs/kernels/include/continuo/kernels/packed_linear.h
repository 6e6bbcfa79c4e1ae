#pragma once

#include <cstddef>

#include "continuo/kernels/activation.h"
#include "continuo/kernels/matrix.h"
#include "continuo/kernels/packed_matrix.h"
#include "continuo/kernels/part.h"

// Linear layers for playing, over weights that are packed once and read many times.
namespace continuo::kernels {

// Panels that a single row is multiplied with together: ranges of a multiple of it are the fastest.
inline constexpr std::size_t kPanelsSideBySide = 2;

struct LinearCall {
  std::size_t rows = 1;               // of input and output: tokens; 0: nothing is done
  Matrix<const float> input;          // [rows, matrix.columns()]
  Matrix<float> output;               // [rows, matrix.rows()]
  Matrix<const float> residual = {};  // [rows, matrix.rows()], optional: added last; may be the output itself
  Activation activation = Activation::kNone;
  const std::byte* prepared = nullptr;  // the input as prepare_left() left it, from the call's first row on; or null
};

// output = activation(input W^T + b) + residual, for the output columns of a range of the matrix's panels, which is
// what one thread computes. One row runs at the speed of memory, many rows at that of arithmetic. Within one
// instruction set every output is one sum over the columns in a fixed order: its bits depend neither on the number of
// rows nor on how a product is cut, by panels or by rows. Where the CPU multiplies bf16 itself, products with bf16
// weights round their input to bf16; with int8 weights it is rounded to 16 bits everywhere.
void linear(const PackedMatrix& matrix, const LinearCall& call, Range panels) noexcept;

// The input of a product, converted once for all calls that share the product: small pieces of it would otherwise
// convert it again each. Changes no bit of the result. Row r lies at r * prepared_left_bytes(weights, 1, depth), so a
// call for rows from r on moves its pointers, `prepared` among them, by r rows. Valid for the instruction set it was
// made for.
//
// 0 where products read the rows as they are: nothing needs to be prepared then.
std::size_t prepared_left_bytes(Precision weights, std::size_t rows, std::size_t depth);
// Converts the rows of a range. Rows are independent: threads may share the work.
// Shape: input, memory: all rows of the product. Requires: memory is aligned to 64 bytes.
void prepare_left(Precision weights, std::size_t depth, Matrix<const float> input, Range rows,
                  std::byte* memory) noexcept;

// Gets the memory that products of several rows need for sums over up to `depth` numbers, which the calling thread then
// keeps. Without it the first such product gets it.
void reserve_linear_memory(Precision precision, std::size_t depth);

}  // namespace continuo::kernels
