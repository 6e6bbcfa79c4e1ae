#pragma once

#include <cstddef>
#include <span>

namespace continuo::kernels {

enum class Function { kExp, kTanh, kSigmoid, kErf, kGelu, kGeluTanh, kSilu };

// x = f(x) for each number. Largest errors of the vector forms, over all finite floats against double
// precision:
//   exp      2e-7 relative within +-87; clamped to exp(+-87) beyond (so never 0 or infinity)
//   tanh     3e-7 absolute     sigmoid  2e-7 absolute     erf  6e-7 absolute
//   gelu     3e-7 * max(1, |x|) absolute, both forms; silu the same
void map_in_place(Function function, std::span<float> x) noexcept;

struct NormWeights {
  const float* scale = nullptr;
  const float* shift = nullptr;
  float epsilon = 1e-5F;
};

// Layer normalisation of one row. Shape: all [width]. input and output may be the same.
// Source: Ba, Kiros and Hinton, "Layer Normalization", 2016. The variance is the mean square about the mean.
void layer_norm(const NormWeights& weights, const float* input, float* output, std::size_t width) noexcept;

// x = softmax(scale * x). Requires: x not empty.
void softmax(std::span<float> x, float scale) noexcept;

// sum = a + b.
void add(const float* a, const float* b, float* sum, std::size_t count) noexcept;
// product = a * b, number by number. `product` may be one of both.
void multiply(const float* a, const float* b, float* product, std::size_t count) noexcept;

// One LSTM cell update for `count` units, from the gates' sums before their activations.
// cell = sigmoid(forget) * cell + sigmoid(input) * tanh(candidate); hidden = sigmoid(output) * tanh(cell).
// Source: Hochreiter and Schmidhuber 1997 with Gers' forget gate; gate order i, f, g, o as in PyTorch.
struct LstmGates {
  const float* input;
  const float* forget;
  const float* candidate;
  const float* output;
};
void lstm_cell(const LstmGates& gates, float* cell, float* hidden, std::size_t count) noexcept;

}  // namespace continuo::kernels
