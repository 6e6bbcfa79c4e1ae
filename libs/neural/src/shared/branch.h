#pragma once

#include <torch/types.h>

namespace continuo::neural {

// A residual stream and what the next layer reads of it.
struct Branch {
  torch::Tensor stream;  // fp32
  torch::Tensor input;   // fp32 or bf16
};

}  // namespace continuo::neural
