#pragma once

#include <torch/types.h>

#include "continuo/neural/pass.h"

#include "shared/attention_options.h"

namespace continuo::neural {

// softmax((q k' + scores of distances) / sqrt(d_head)) v for each head. The plain path goes by the definition, with the
// whole matrix of weights in memory. Shape: qkv [batch, time, d_model + 2 kv_width] (queries, keys, values; heads side
// by side) -> [batch, time, d_model]. A query whose keys are all masked gives an undefined row. A fused pass may
// overwrite `qkv`.
torch::Tensor attention(const torch::Tensor& qkv, const AttentionOptions& options, const Pass& pass);
torch::Tensor plain_attention(const torch::Tensor& qkv, const AttentionOptions& options);

}  // namespace continuo::neural
