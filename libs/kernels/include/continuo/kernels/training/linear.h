#pragma once

#include <cstddef>

#include "continuo/kernels/dropout.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/number_types.h"

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
template <typename Number>
void pack_weights(WeightSide side, std::size_t outputs, std::size_t inputs, const float* weights, Number* packed,
                  Part part);

// out = (activation(input W^T + bias) * slope) dropped + residual, for one part of the rows.
template <typename Number>
struct LinearProduct {
  std::size_t rows = 0;
  Matrix<const Number> input;  // [rows, depth]
  PackedWeights<Number> weights;
  const float* bias = nullptr;  // [outputs], or null
  Activation activation = Activation::kNone;
  Matrix<Number> before_activation;  // [rows, outputs], optional: keeps what the gradient will need
  Matrix<const Number> slope_at;     // [rows, outputs], optional: multiplies by the activation's derivative there
  DropRule dropout;                  // unit (row, column) has the index row * outputs + column
  Matrix<const float> residual;      // [rows, outputs], optional; may be the output itself
  Matrix<Number> output;             // [rows, outputs]: one of these two
  Matrix<float> wide_output;
};
// Requires: with `slope_at` the activation names whose derivative is meant, and is not applied itself.
template <typename Number>
void linear(const LinearProduct<Number>& call, Part part);

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

}  // namespace continuo::kernels
