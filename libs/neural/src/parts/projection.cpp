#include "parts/projection.h"

#include <torch/torch.h>

#include "fused/linear.h"
#include "shared/dropout.h"

namespace continuo::neural {

torch::ScalarType input_type(const Pass& pass) { return pass.fused && pass.bf16 ? torch::kBFloat16 : torch::kFloat32; }

torch::Tensor plain_project(const torch::Tensor& x, const LinearWeights& layer, bool bf16) {
  if (!bf16) return at::linear(x.to(layer.weight.dtype()), layer.weight, layer.bias);
  const auto half = torch::kBFloat16;
  return at::linear(x.to(half), layer.weight.to(half), layer.bias.defined() ? layer.bias.to(half) : torch::Tensor());
}

torch::Tensor project(const torch::Tensor& x, const LinearWeights& layer, const Pass& pass) {
  return pass.fused ? fused::linear(x, layer) : plain_project(x, layer, pass.bf16);
}

torch::Tensor project_onto(const torch::Tensor& stream, const torch::Tensor& x, const LinearWeights& layer,
                           const Drop& drop, const Pass& pass) {
  if (pass.fused) return fused::linear_onto(stream, x, layer, drop);
  return add_dropped(stream, plain_project(x, layer, pass.bf16), drop);
}

}  // namespace continuo::neural
