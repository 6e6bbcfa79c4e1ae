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

// RMSNorm of each head of queries and keys over its width, before rotation and scores; see kernels/head_norm.h. Keys of
// distances meet the normalised queries. Shape: scales [head_width] fp32, shared by all heads.
struct QueryKeyNorm {
  torch::Tensor query_scale, key_scale;  // undefined: there is no norm
  double epsilon = 1e-5;

  explicit operator bool() const { return query_scale.defined(); }
};

struct AttentionOptions {
  int heads = 1;  // of queries
  bool causal = true;
  int window = 0;         // a query attends to this many keys, its own the last; 0: to all up to it. Causal only
  int memory = 0;         // so many rows at the beginning have keys and values only: there is no output of them
  torch::Tensor padding;  // Shape: [batch, time] bool, true for keys to be left out; undefined: none
  Distances distances;
  bool rotary = false;  // queries and keys are rotated by their position, as in kernels/rotary.h
  QueryKeyNorm norm;
  int n_kv_heads = 0;  // heads of keys and values, each shared by heads / n_kv_heads heads; 0: heads

  int kv_heads() const { return n_kv_heads == 0 ? heads : n_kv_heads; }
};

}  // namespace continuo::neural
