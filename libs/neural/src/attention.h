#pragma once

#include <torch/types.h>

namespace continuo::neural {

// Scores by distance as well as by content; see kernels::DistanceKeys. Shape: keys [ahead + 1 + behind, d_model], one
// row for each distance from -ahead on; queries [batch, time, d_model], undefined: those of the content.
struct Distances {
  torch::Tensor keys;  // undefined: there are none
  torch::Tensor queries;
  int ahead = 0;
};

struct AttentionOptions {
  int heads = 1;
  bool causal = true;
  torch::Tensor padding;  // Shape: [batch, time] bool, true for keys to be left out; undefined: none
  Distances distances;
  bool rotary = false;  // queries and keys are rotated by their position, as in kernels/rotary.h
};

// softmax((q k' + scores of distances) / sqrt(d_head)) v for each head, by its definition: with the whole matrix of
// weights in memory. Shape: qkv [batch, time, 3 d_model] (queries, keys, values; each heads x d_head) -> [batch, time,
// d_model]. A query that may see no key at all gives an undefined row.
torch::Tensor attention(const torch::Tensor& qkv, const AttentionOptions& options);

}  // namespace continuo::neural
