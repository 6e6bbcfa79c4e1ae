#pragma once

#include <torch/types.h>

#include "shared/drop.h"

namespace continuo::neural {

// x with units set to zero and the rest scaled by 1 / (1 - probability). fp32 or bf16.
torch::Tensor dropped(const torch::Tensor& x, const Drop& drop);
// x + dropped(y): x is the fp32 residual stream, y fp32 or bf16 of the same shape.
torch::Tensor add_dropped(const torch::Tensor& x, const torch::Tensor& y, const Drop& drop);

}  // namespace continuo::neural
