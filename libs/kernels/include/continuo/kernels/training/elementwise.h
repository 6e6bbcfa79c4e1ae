#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "continuo/kernels/dropout.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/number_types.h"

// What training does to each number or each row once. Number is float or Bf16. All are split by rows or by ranges, and
// no result depends on the split.
namespace continuo::kernels {

// out[i] = activation(in[i]).
template <typename Number>
void activate(Activation activation, std::span<const Number> in, Number* out, Part part);

// out[i] = in[i] times the dropout's factor of unit i; also the way from one number type to another.
template <typename From, typename To>
void drop(const DropRule& rule, std::span<const From> in, To* out, Part part);

// Normalisation of rows: y = (x - mean) / sqrt(variance + epsilon) * scale + shift; without `shift` nothing is
// subtracted either. Source: Ba, Kiros and Hinton, "Layer Normalization", 2016; Zhang and Sennrich, "Root Mean Square
// Layer Normalization", 2019.
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
std::size_t norm_sums_size(const NormShape& shape);
template <typename Number>
void norm_gradient(const NormBackward<Number>& call, Part part);
// After all parts of norm_gradient. Shape: [width] each; shift_gradient may be null.
void add_norm_sums(const NormShape& shape, const float* sums, float* scale_gradient, float* shift_gradient);

// Softmax and negative log-likelihood of rows of logits, and the gradient of their sum.
template <typename Number>
struct CrossEntropy {
  std::size_t rows = 0, words = 0;
  Matrix<const float> logits;
  const std::int64_t* targets = nullptr;  // [rows]. Range: 0 to words - 1
  float* losses = nullptr;                // [rows], nats
  Matrix<Number> gradient;                // [rows, words], optional: softmax - one at the target
};
template <typename Number>
void cross_entropy(const CrossEntropy<Number>& call, Part part);

// The middle of a gated feed-forward layer: activation(gate) * value. Kinds by their activation: SiLU (SwiGLU), GELU
// (GeGLU). Source: Shazeer, "GLU Variants Improve Transformer", 2020.
template <typename Number>
struct GatedForward {
  std::size_t rows = 0, width = 0;
  Activation activation = Activation::kSilu;
  Matrix<const Number> input;  // [rows, 2 * width]: gates, then values
  Matrix<Number> output;       // [rows, width]
};
template <typename Number>
void gated(const GatedForward<Number>& call, Part part);

template <typename Number>
struct GatedBackward {
  std::size_t rows = 0, width = 0;
  Activation activation = Activation::kSilu;
  Matrix<const Number> input;
  Matrix<const Number> gradient;  // [rows, width]
  Matrix<Number> input_gradient;  // [rows, 2 * width], may be the input itself
};
template <typename Number>
void gated_gradient(const GatedBackward<Number>& call, Part part);

// One step of Adam with decoupled weight decay. Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
// 2019, algorithm 2.
struct AdamwFactors {
  float beta1 = 0.9F, beta2 = 0.98F, epsilon = 1e-8F;
  float gradient = 1;           // that gradients are multiplied by: clipping
  float decay = 1;              // that values are multiplied by: 1 - learning rate * weight decay
  float step_size = 0;          // learning rate / (1 - beta1^step)
  float second_correction = 1;  // 1 / (1 - beta2^step)
};
struct AdamwState {
  std::span<float> values;
  float *first_moment, *second_moment;
  const float* gradient;
};
void adamw(const AdamwState& state, const AdamwFactors& factors, Part part);

// adamw() of a weight matrix and pack_weights() of both its sides, to the bit, while its values are in the cache.
template <typename Number>
struct PackedAdamw {
  std::size_t outputs = 0, inputs = 0;
  AdamwState state;        // of [outputs, inputs]
  Number* forward;         // packed_size<Number>(outputs, inputs)
  Number* input_gradient;  // packed_size<Number>(inputs, outputs)
};
// Split by panels of outputs.
template <typename Number>
void adamw_and_pack(const PackedAdamw<Number>& call, const AdamwFactors& factors, Part part);

// The sum of squares in double precision, formed by chunks of a fixed size: the same for any number of threads.
// Shape: sums [sum_of_squares_chunks(count)]; the total is their sum in order.
std::size_t sum_of_squares_chunks(std::size_t count);
void sum_of_squares(std::span<const float> values, double* sums, Part part);

}  // namespace continuo::kernels
