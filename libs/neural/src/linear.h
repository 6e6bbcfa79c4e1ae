#pragma once

#include <torch/torch.h>

namespace continuo::neural {

// y = W x + b, in bf16 (result bf16) or in the type of W. Gradients reach W and b as fp32.
inline torch::Tensor linear(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias, bool bf16) {
  if (!bf16) return at::linear(x.to(weight.dtype()), weight, bias);
  const auto half = torch::kBFloat16;
  return at::linear(x.to(half), weight.to(half), bias.to(half));
}

}  // namespace continuo::neural
