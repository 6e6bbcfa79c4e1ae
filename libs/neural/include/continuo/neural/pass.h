#pragma once

#include <cstdint>

#include <torch/types.h>

namespace continuo::neural {

// How one pass through a network is to be done.
struct Pass {
  bool fused = true;       // on the project's training kernels; else on libtorch's functions, which define the network
  bool bf16 = false;       // products in bf16; the residual stream, norms and logits stay fp32
  double dropout = 0;      // Range: [0, 1). 0 outside training
  std::uint64_t seed = 0;  // of the dropout: the same seed drops the same units, whatever the number of threads
  double label_smoothing = 0;  // Range: [0, 1). Share of a target's probability that all tokens get alike
  torch::Tensor padding;  // Shape: [batch, time], bool, true where a token must not be attended to; may be undefined
  // Of the token after each: in the bar, and the slot. For networks with musical places; undefined: all are the first.
  torch::Tensor places;  // Shape: [2, batch, time], int64
};

}  // namespace continuo::neural
