#pragma once

#include <algorithm>
#include <cstddef>

#include "continuo/kernels/activation.h"
#include "continuo/kernels/blocks.h"
#include "continuo/kernels/dropout.h"
#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

// Linear layers for training: forward, the gradient of the input, the gradient of the weights. Operands are fp32 or
// bf16, sums and weight gradients are fp32. Every number is one sum in a fixed order, whatever the number of threads.
// Number is float or Bf16.
namespace continuo::kernels {

// A weight matrix as the right-hand side of products, in panels. A view; the memory belongs to the caller.
template <typename Number>
struct PackedWeights {
  const Number* data = nullptr;
  std::size_t outputs = 0, depth = 0;
};

// How many numbers pack_weights() writes, and how long the sums over `depth` become by padding with zeros.
template <typename Number>
std::size_t packed_size(std::size_t outputs, std::size_t depth);

// Which side of y = x W^T the packed matrix is for. Shape: W [outputs, inputs].
enum class WeightSide {
  kForward,        // from inputs to outputs: depth = inputs
  kInputGradient,  // from gradients of outputs to those of inputs: depth = outputs
};

// Packs a row-major fp32 matrix [outputs, inputs]. Requires: `packed` has room for packed_size of that side's shape.
// Split by panels of what becomes columns: parts_of_rows() of outputs (forward) or of inputs.
template <typename Number>
void pack_weights(WeightSide side, std::size_t outputs, std::size_t inputs, const float* weights, Number* packed,
                  Part part);

// out = dropout(activation(input W^T + bias)) + residual, for one part of the rows. For gradients on their way back
// through an activation, out = dropout((input W^T + bias) * activation'(derivative_at)) + residual instead.
template <typename Number>
struct LinearProduct {
  std::size_t rows = 0;
  Matrix<const Number> input;  // [rows, depth]
  PackedWeights<Number> weights;
  const float* bias = nullptr;  // [outputs], or null
  Activation activation = Activation::kNone;
  Matrix<Number> before_activation;    // [rows, outputs], optional: keeps what the gradient will need
  Matrix<const Number> derivative_at;  // [rows, outputs], optional: multiplies by the activation's derivative there
  DropRule dropout;                    // unit (row, column) has the index row * outputs + column
  Matrix<const float> residual;        // [rows, outputs], optional; may be the output itself
  Matrix<Number> output;               // [rows, outputs]: one of these two
  Matrix<float> wide_output;
};
// Requires: with `derivative_at` the activation is the one whose derivative is meant, and is not applied itself.
template <typename Number>
void linear(const LinearProduct<Number>& call, Part part);
// Cut by blocks of rows, which stay together, since they share panels of weights, where there are enough of them.
template <typename Number>
constexpr Parts parts_of(const LinearProduct<Number>& call) {
  constexpr std::size_t kTogether = 4, kFew = 8;
  const std::size_t blocks = parts_for(call.rows, kBlockRows);
  return {std::max(parts_for(blocks, kTogether), std::min(blocks, kFew))};
}

// dW [outputs, inputs] = dY^T X and db = the sums of dY's columns, for one part of the outputs or of the inputs.
template <typename Number>
struct WeightGradient {
  std::size_t rows = 0, outputs = 0, inputs = 0;
  Matrix<const Number> gradient;  // [rows, outputs]
  Matrix<const Number> input;     // [rows, inputs]
  Matrix<float> weights;          // [outputs, inputs]
  float* bias = nullptr;          // [outputs], or null
  bool accumulate = false;        // adds to `weights` and `bias`
};
template <typename Number>
void weight_gradient(const WeightGradient<Number>& call, Part part);
// Each part packs all of the narrower side; the wider one is cut by panels of inputs or by blocks of outputs.
template <typename Number>
constexpr Parts parts_of(const WeightGradient<Number>& call) {
  constexpr std::size_t kColumns = std::max(2 * kPanelRows, kBlockRows);
  return {parts_for(std::max(call.inputs, call.outputs), kColumns), true};
}

}  // namespace continuo::kernels
