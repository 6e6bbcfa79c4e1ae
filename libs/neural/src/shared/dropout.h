#pragma once

#include <torch/types.h>

#include "continuo/neural/pass.h"

#include "shared/drop.h"

namespace continuo::neural {

// That of one place of a network; the number of a place is its own among all dropouts of a pass.
Drop drop_of(const Pass& pass, std::size_t place);

// x with units set to zero and the rest scaled by 1 / (1 - probability). fp32 or bf16; units are numbered
// in the order of their dimensions, whatever the strides. Shape: x [rows, time, units], units side by side in memory.
torch::Tensor dropped(const torch::Tensor& x, const Drop& drop);
// x + dropped(y): x is the fp32 residual stream, y fp32 or bf16 of the same shape.
torch::Tensor add_dropped(const torch::Tensor& x, const torch::Tensor& y, const Drop& drop);

}  // namespace continuo::neural
