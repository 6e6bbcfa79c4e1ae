#pragma once

#include <torch/types.h>

#include "continuo/checkpoint/parts.h"
#include "continuo/neural/pass.h"

#include "fused/recurrent.h"

namespace continuo::neural {

// A recurrent layer over whole sequences, from a zero state. Shape: x [time, batch, inputs] -> [time, batch, hidden].
// Source: Hochreiter and Schmidhuber, 1997; Cho et al., 2014.
torch::Tensor recur(const torch::Tensor& x, const fused::RecurrentLayer& layer, checkpoint::CellKind cell,
                    const Pass& pass);

}  // namespace continuo::neural
