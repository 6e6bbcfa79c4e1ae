#pragma once

#include <cstddef>
#include <string>

#include "continuo/checkpoint/model_config.h"
#include "continuo/kernels/packed_linear.h"

#include "layers/projection.h"

namespace continuo::engine {

struct FeedForwardLayer {
  kernels::PackedMatrix fc1;  // [d_ff, width]; gated [2 d_ff, width], gates and then values
  kernels::PackedMatrix fc2;  // [width, d_ff]

  std::size_t bytes() const { return fc1.bytes() + fc2.bytes(); }
};

// Errors: by the reader's status().
FeedForwardLayer read_feed_forward(WeightReader& reader, const std::string& name);

// Columns of FeedForwardCall::ff_activation.
std::size_t ff_activation_width(const checkpoint::ModelConfig& model);

struct FeedForwardCall {
  std::size_t rows = 0;
  checkpoint::FeedForwardTraits kind = {};
  kernels::Matrix<const float> input;     // [rows, width]
  kernels::Matrix<const float> residual;  // [rows, width], added to the result
  kernels::Matrix<float> output;          // [rows, width]; may be the residual itself
  kernels::Matrix<float> ff_activation;   // [rows, ff_activation_width()], working memory
};
// output = fc2(activation(fc1(input))) + residual; gated, with fc1 giving gates and values,
// output = fc2(activation(gates) * values) + residual.
void feed_forward(const FeedForwardLayer& layer, const FeedForwardCall& call, PreparedInput& prepared,
                  const Workers& workers) noexcept;

}  // namespace continuo::engine
