#pragma once

#include <torch/types.h>

#include "continuo/kernels/linear.h"

#include "shared/drop.h"
#include "shared/linear_weights.h"

// Linear layers on the training kernels, with gradients. `x` is fp32 or bf16, which decides the type of the products
// and of every tensor kept for the backward pass; weights, sums and their gradients are fp32.
namespace continuo::neural::fused {

// x W^T + b. Shape: x [..., inputs] -> [..., outputs] in the type of x.
torch::Tensor linear(const torch::Tensor& x, const LinearWeights& weights);

// residual + dropped(x W^T + b). Shape: residual [..., outputs] fp32 -> the same.
torch::Tensor linear_onto(const torch::Tensor& residual, const torch::Tensor& x, const LinearWeights& weights,
                          const Drop& drop);

struct FeedForward {
  LinearWeights fc1;  // [d_ff, d_model]; gated: [2 d_ff, d_model], the gates first
  LinearWeights fc2;  // [d_model, d_ff]
  kernels::Activation activation = kernels::Activation::kGeluTanh;
  Drop drop;
  bool gated = false;  // activation(gates) * values in place of activation(values): SwiGLU with SiLU, GeGLU with GELU
};
// residual + dropped(activation(x W1^T + b1) W2^T + b2). Keeps x and the sums before the activation only.
torch::Tensor feed_forward_onto(const torch::Tensor& residual, const torch::Tensor& x, const FeedForward& layer);

// The packed right-hand side of products with a weight matrix [outputs, inputs]. Shape: [numbers] in `type`.
torch::Tensor pack(kernels::WeightSide side, const torch::Tensor& weight, torch::ScalarType type);

}  // namespace continuo::neural::fused
