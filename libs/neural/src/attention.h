#pragma once

#include <torch/types.h>

namespace continuo::neural {

struct AttentionOptions {
  int heads = 1;
  bool causal = true;
  torch::Tensor padding;  // Shape: [batch, time] bool, true for keys to be left out; undefined: none
};

// softmax(q k' / sqrt(d_head)) v for each head, and its gradients, in the type of `qkv`.
// Shape: qkv [batch, time, 3 d_model] (queries, keys, values; each heads x d_head) -> [batch, time, d_model].
// A query that may see no key at all gives an undefined row.
torch::Tensor attention(const torch::Tensor& qkv, const AttentionOptions& options);

// The same by its definition, with the whole matrix of weights in memory: what the tests compare with.
torch::Tensor attention_by_definition(const torch::Tensor& qkv, const AttentionOptions& options);

}  // namespace continuo::neural
