#pragma once

#include <torch/types.h>

#include "continuo/neural/pass.h"

#include "shared/drop.h"
#include "shared/linear_weights.h"

// The parts that networks are built from. Each is here on libtorch's functions, which define it, and hands over to the
// training kernels where the pass is fused.
namespace continuo::neural {

// The type in which layers read their inputs. Sums into the residual stream, norms and logits are fp32 in every pass.
torch::ScalarType input_type(const Pass& pass);

// x W^T + b on libtorch's functions, in bf16 (result bf16) or in the type of the weights. Gradients of weights are
// fp32.
torch::Tensor plain_project(const torch::Tensor& x, const LinearWeights& layer, bool bf16);

// x W^T + b. Shape: x [..., inputs] -> [..., outputs].
torch::Tensor project(const torch::Tensor& x, const LinearWeights& layer, const Pass& pass);
// stream + dropped(x W^T + b). Shape: stream [..., outputs] fp32 -> the same.
torch::Tensor project_onto(const torch::Tensor& stream, const torch::Tensor& x, const LinearWeights& layer,
                           const Drop& drop, const Pass& pass);

}  // namespace continuo::neural
