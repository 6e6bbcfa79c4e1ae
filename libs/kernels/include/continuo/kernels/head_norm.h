#pragma once

#include <cstddef>

#include "continuo/kernels/matrix.h"

// RMSNorm of each head of queries or keys over the head's width (QK-norm), which bounds the scores of attention:
// y = x / sqrt(mean(x^2) + epsilon) * scale, with one scale that all heads share.
// Source: Henry et al., "Query-Key Normalization for Transformers", 2020; Dehghani et al., "Scaling Vision Transformers
// to 22 Billion Parameters", 2023; in this form Yang et al., "Qwen3 Technical Report", 2025. Where we differ: the first
// divides by the length and multiplies scores by one learned number, the second uses LayerNorm.
// Number is float or Bf16. Calls are not split: the caller gives each thread heads or sequences of its own.
namespace continuo::kernels {

struct HeadNormShape {
  std::size_t rows = 0, heads = 0, head_width = 0;
  const float* scale = nullptr;  // [head_width]
  float epsilon = 1e-5F;
};

template <typename Number>
struct HeadNormForward {
  HeadNormShape shape;
  Matrix<const Number> input;  // [rows, heads * head_width]
  Matrix<Number> output;       // the same; may be the input
  Matrix<float> inverses;      // [rows, heads] 1 / sqrt(mean(x^2) + epsilon), for the backward pass; optional
};
template <typename Number>
void head_norm(const HeadNormForward<Number>& call) noexcept;

template <typename Number>
struct HeadNormBackward {
  HeadNormShape shape;
  Matrix<const Number> input;  // of the forward pass
  Matrix<const float> inverses;
  Matrix<Number> gradient;          // of the output; becomes that of the input
  float* scale_gradient = nullptr;  // [head_width], the sum over all rows and heads of the call
};
template <typename Number>
void head_norm_gradient(const HeadNormBackward<Number>& call) noexcept;

}  // namespace continuo::kernels
