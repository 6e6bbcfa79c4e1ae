#pragma once

#include <torch/types.h>

#include "shared/branch.h"

namespace continuo::neural::fused {

struct Norm {
  torch::Tensor scale, shift;  // [width] each; shift undefined: RMSNorm
  double epsilon = 1e-5;
};

// Pre-norm: the stream stays as it is, the layer reads its norm. One backward pass adds both gradients.
// Shape: stream [..., width] fp32; all results the same.
Branch branch_before_norm(const torch::Tensor& stream, const Norm& norm, torch::ScalarType type);
// Post-norm: the stream is normalised, and the layer reads the same.
Branch branch_after_norm(const torch::Tensor& stream, const Norm& norm, torch::ScalarType type);

}  // namespace continuo::neural::fused
