#pragma once

#include <cstddef>

#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

// Normalisation of rows, LayerNorm and RMSNorm: y = (x - mean) / sqrt(variance + epsilon) * scale + shift. The variance
// is the mean square about the mean; RMSNorm has no shift, and takes the mean to be 0.
// Source: Ba, Kiros and Hinton, "Layer Normalization", 2016; Zhang and Sennrich, "Root Mean Square Layer
// Normalization", 2019. Number is float or Bf16.
namespace continuo::kernels {

struct NormWeights {
  const float* scale = nullptr;
  const float* shift = nullptr;
  float epsilon = 1e-5F;
};
// LayerNorm of one row, for playing. Shape: all [width]. input and output may be the same.
void layer_norm(const NormWeights& weights, const float* input, float* output, std::size_t width) noexcept;

struct NormShape {
  std::size_t rows = 0, width = 0;
  const float* scale = nullptr;  // [width]
  const float* shift = nullptr;  // [width], or null for RMSNorm
  float epsilon = 1e-5F;
};
struct RowStatistics {
  float mean, inverse;  // inverse of the root of the variance
};

template <typename Number>
struct NormForward {
  NormShape shape;
  Matrix<const float> input;
  Matrix<Number> output;                // the result, one or both
  Matrix<float> wide_output;            // in fp32
  RowStatistics* statistics = nullptr;  // [rows], for the backward pass
};
// Split by rows: parts_of_rows().
template <typename Number>
void norm(const NormForward<Number>& call, Part part);

// The gradient is that of `output` plus that of `wide_output`, each optional.
template <typename Number>
struct NormBackward {
  NormShape shape;
  Matrix<const float> input;
  const RowStatistics* statistics = nullptr;
  Matrix<const Number> gradient;
  Matrix<const float> wide_gradient;
  Matrix<const float> residual_gradient;  // optional: added to the result
  Matrix<float> input_gradient;
  float* sums = nullptr;  // norm_sums_size(shape): room for the gradients of scale and shift
};

// Rows whose gradients of scale and shift are summed apart, in a fixed order: no part is smaller.
inline constexpr std::size_t kNormGroupRows = 128;
constexpr std::size_t norm_groups(const NormShape& shape) { return (shape.rows + kNormGroupRows - 1) / kNormGroupRows; }
constexpr std::size_t norm_sums_size(const NormShape& shape) { return norm_groups(shape) * 2 * shape.width; }

template <typename Number>
void norm_gradient(const NormBackward<Number>& call, Part part);
template <typename Number>
constexpr Parts parts_of(const NormBackward<Number>& call) {
  return {parts_for(call.shape.rows, kNormGroupRows)};
}
// After all parts of norm_gradient. Shape: [width] each; shift_gradient may be null.
void add_norm_sums(const NormShape& shape, const float* sums, float* scale_gradient, float* shift_gradient);

}  // namespace continuo::kernels
