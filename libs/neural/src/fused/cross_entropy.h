#pragma once

#include <torch/types.h>

#include "shared/linear_weights.h"

namespace continuo::neural::fused {

struct CrossEntropyOptions {
  bool bf16 = false;     // products in bf16
  double smoothing = 0;  // Range: [0, 1). Share of a target's probability that all tokens get alike
};

// The sum of the negative log-likelihoods of `targets`, smoothed if wanted, under softmax(hidden W^T + b), in nats. The
// logits exist for some rows at a time only; where gradients are wanted they are formed in the same pass.
// Shape: hidden [rows, d_model], output.weight [vocab, d_model], targets [rows] int64 -> a scalar, fp32.
torch::Tensor cross_entropy_sum(const torch::Tensor& hidden, const LinearWeights& output, const torch::Tensor& targets,
                                const CrossEntropyOptions& options);

}  // namespace continuo::neural::fused
