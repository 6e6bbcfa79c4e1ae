#pragma once

#include <cstddef>
#include <span>

#include "continuo/kernels/activation.h"
#include "continuo/kernels/dropout.h"
#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

// What is done to each number by itself, and softmax. Number is float or Bf16.
namespace continuo::kernels {

enum class Function { kExp, kTanh, kSigmoid, kErf, kGelu, kGeluTanh, kSilu };

// x = f(x) for each number. Largest errors of the vector forms, over all finite floats against double
// precision:
//   exp      2e-7 relative within +-87; clamped to exp(+-87) beyond (so never 0 or infinity)
//   tanh     3e-7 absolute     sigmoid  2e-7 absolute     erf  6e-7 absolute
//   gelu     3e-7 * max(1, |x|) absolute, both forms; silu the same
void map_in_place(Function function, std::span<float> x) noexcept;

// x = softmax(scale * x). Requires: x not empty.
void softmax(std::span<float> x, float scale) noexcept;

// sum = a + b.
void add(const float* a, const float* b, float* sum, std::size_t count) noexcept;
// product = a * b, number by number. `product` may be one of both.
void multiply(const float* a, const float* b, float* product, std::size_t count) noexcept;

// out[i] = activation(in[i]). Split by numbers: parts_of_numbers().
template <typename Number>
void activate(Activation activation, std::span<const Number> in, Number* out, Part part);

// out[i] = in[i] times the dropout's factor of unit i; also the way from one number type to another. Split by numbers:
// parts_of_numbers().
template <typename From, typename To>
void drop(const DropRule& rule, std::span<const From> in, To* out, Part part);

// The middle of a gated feed-forward layer: activation(gates) * values. With SiLU it is SwiGLU, with GELU GeGLU.
// Source: Shazeer, "GLU Variants Improve Transformer", 2020.
template <typename Number>
struct GatedForward {
  std::size_t rows = 0, width = 0;
  Activation activation = Activation::kSilu;
  Matrix<const Number> input;  // [rows, 2 * width]: gates, then values
  Matrix<Number> output;       // [rows, width]; may be the memory of the gates
};
// Split by rows: parts_of_rows().
template <typename Number>
void gated(const GatedForward<Number>& call, Part part);

template <typename Number>
struct GatedBackward {
  std::size_t rows = 0, width = 0;
  Activation activation = Activation::kSilu;
  Matrix<const Number> input;     // [rows, 2 * width]
  Matrix<const Number> gradient;  // [rows, width]
  Matrix<Number> input_gradient;  // [rows, 2 * width], may be the input itself
};
// Split by rows: parts_of_rows().
template <typename Number>
void gated_gradient(const GatedBackward<Number>& call, Part part);

}  // namespace continuo::kernels
