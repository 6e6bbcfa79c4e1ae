#pragma once

#include <cstdint>

#include <torch/types.h>

#include "continuo/kernels/dropout.h"

namespace continuo::neural {

// Which units one application of dropout leaves out: a function of (seed, index) alone, so that nothing is stored for
// the backward pass and the number of threads does not matter.
struct Drop {
  double probability = 0;  // Range: [0, 1); 0 drops nothing
  std::uint64_t seed = 0;
};

kernels::DropRule rule_of(const Drop& drop);

// x with units set to zero and the rest scaled by 1 / (1 - probability). fp32 or bf16.
torch::Tensor dropped(const torch::Tensor& x, const Drop& drop);
// x + dropped(y): x is the fp32 residual stream, y fp32 or bf16 of the same shape.
torch::Tensor add_dropped(const torch::Tensor& x, const torch::Tensor& y, const Drop& drop);

}  // namespace continuo::neural
