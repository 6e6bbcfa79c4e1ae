#pragma once

#include <torch/types.h>

#include "shared/linear_weights.h"

namespace continuo::neural::fused {

// The sum of the negative log-likelihoods of `targets` under softmax(hidden W^T + b), in nats. The logits exist for
// some rows at a time only; where gradients are wanted they are formed in the same pass.
// Shape: hidden [rows, d_model], output.weight [vocab, d_model], targets [rows] int64 -> a scalar, fp32.
torch::Tensor cross_entropy_sum(const torch::Tensor& hidden, const LinearWeights& output, const torch::Tensor& targets,
                                bool bf16);

}  // namespace continuo::neural::fused
