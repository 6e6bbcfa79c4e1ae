#pragma once

#include <torch/types.h>

#include "continuo/neural/pass.h"

#include "shared/attention_options.h"

namespace continuo::neural {

// softmax((q k' + scores of distances) / sqrt(d_head)) v for each head. The plain path goes by the definition, with the
// whole matrix of weights in memory. Shape: qkv [batch, time, d_model + 2 kv_width] (queries, keys, values; heads side
// by side) -> [batch, time - options.memory, d_model]. With all keys masked a row is undefined. A fused pass may
// overwrite `qkv`.
torch::Tensor attention(const torch::Tensor& qkv, const AttentionOptions& options, const Pass& pass);
torch::Tensor plain_attention(const torch::Tensor& qkv, const AttentionOptions& options);
// The same by libtorch's own function for it, where this libtorch has one (from 2.0 on) and it can do what is asked: no
// keys of distances. For devices other than the CPU, whose definition is the plain path.
torch::Tensor attention_by_libtorch(const torch::Tensor& qkv, const AttentionOptions& options);

// The rows of the memory, with zeros as queries, then those of the window, for attention with options.memory; and the
// last `length` of all become the memory. Gradients reach the window's rows alone.
// Shape: qkv [batch, time, width], memory [batch, length, 2 kv_width] fp32 -> [batch, length + time, width].
torch::Tensor with_memory(const torch::Tensor& qkv, torch::Tensor& memory, std::int64_t length);

}  // namespace continuo::neural
