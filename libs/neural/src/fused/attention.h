#pragma once

#include <torch/types.h>

#include "../attention.h"
#include "../dropout.h"

namespace continuo::neural::fused {

// Attention of every head on the training kernels, with gradients, in the type of `qkv`; as neural::attention. With
// rotary positions it turns the queries and keys where they are: `qkv` is overwritten.
// Shape: qkv [batch, time, 3 d_model] -> [batch, time, d_model].
torch::Tensor attention(const torch::Tensor& qkv, const AttentionOptions& options, const Drop& drop = {});

}  // namespace continuo::neural::fused
