#pragma once

#include <torch/types.h>

#include "shared/attention_options.h"
#include "shared/drop.h"

namespace continuo::neural::fused {

// Attention of every head on the training kernels, with gradients, in the type of `qkv`; as neural::plain_attention.
// With rotary positions and no norm it rotates the queries and keys where they are: `qkv` is overwritten.
// Shape: qkv [batch, time, d_model + 2 kv_width] -> [batch, time - options.memory, d_model].
torch::Tensor attention(const torch::Tensor& qkv, const AttentionOptions& options, const Drop& drop = {});

}  // namespace continuo::neural::fused
