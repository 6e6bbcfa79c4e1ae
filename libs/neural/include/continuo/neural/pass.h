#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace continuo::neural {

// What the layers of a network remember of the tokens before a window: keys and values as the projection gave them,
// before the norm of heads and the rotation, which go by the place among the keys of a pass. Shape: of each layer
// [batch, memory_length, 2 kv_width] fp32, without gradient. Made by Network::empty_memory().
//
// A token attends to itself and the memory_length tokens before it, whether these are in its window or the memory, so
// one pass over a piece and passes over its windows with a memory compute the same: where a window ends decides how
// far gradients go.
struct Memory {
  std::vector<torch::Tensor> layers;
};

// How one pass through a network is to be done.
struct Pass {
  bool fused = true;       // on the project's training kernels; else on libtorch's functions, which define the network
  bool bf16 = false;       // products in bf16; the residual stream, norms and logits stay fp32
  double dropout = 0;      // Range: [0, 1). 0 outside training
  std::uint64_t seed = 0;  // of the dropout: the same seed drops the same units, whatever the number of threads
  // The number of this pass's row 0 in its batch: in passes over some rows each the dropout drops what it drops in one
  // pass over all.
  std::int64_t first_row = 0;
  double label_smoothing = 0;  // Range: [0, 1). Share of a target's probability that all tokens get alike
  // Shape: [batch, memory + time], bool, true where a token must not be attended to; may be undefined. `memory` is
  // memory_length where there is a memory, else 0.
  torch::Tensor padding;
  Memory* memory = nullptr;  // of the tokens before; null: there are none, and nothing is remembered
  // Of the token after each: in the bar, and the slot. For networks with musical places; undefined: all are the first.
  torch::Tensor places;  // Shape: [2, batch, time], int64
};

}  // namespace continuo::neural
