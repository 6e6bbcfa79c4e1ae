#pragma once

#include <torch/types.h>

namespace continuo::neural {

// y = x W^T + b. Shape: weight [outputs, inputs], bias [outputs] or undefined for none.
struct LinearWeights {
  torch::Tensor weight, bias;
};

}  // namespace continuo::neural
