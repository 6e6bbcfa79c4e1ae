#include "parts/feed_forward.h"

#include <torch/torch.h>

#include "fused/linear.h"
#include "parts/projection.h"
#include "shared/dropout.h"

namespace continuo::neural {
namespace {

torch::Tensor activated(kernels::Activation activation, const torch::Tensor& x) {
  switch (activation) {
    case kernels::Activation::kNone:
      return x;
    case kernels::Activation::kGelu:
      return at::gelu(x, "none");
    case kernels::Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case kernels::Activation::kSilu:
      return at::silu(x);
    case kernels::Activation::kRelu2:
      return at::relu(x).square();
  }
  return x;
}

torch::Tensor plain_feed_forward(const torch::Tensor& x, const FeedForwardWeights& layer,
                                 checkpoint::FeedForwardTraits kind, bool bf16) {
  const torch::Tensor wide = plain_project(x, layer.fc1, bf16);
  if (!kind.gated) return plain_project(activated(kind.activation, wide), layer.fc2, bf16);
  const std::vector<torch::Tensor> halves = wide.chunk(2, -1);
  return plain_project(activated(kind.activation, halves[0]) * halves[1], layer.fc2, bf16);
}

}  // namespace

torch::Tensor feed_forward_onto(const torch::Tensor& stream, const torch::Tensor& input,
                                const FeedForwardWeights& layer, checkpoint::FeedForwardKind kind, const Drop& drop,
                                const Pass& pass) {
  const checkpoint::FeedForwardTraits traits = checkpoint::traits_of(kind);
  if (!pass.fused) return add_dropped(stream, plain_feed_forward(input, layer, traits, pass.bf16), drop);
  return fused::feed_forward_onto(
      stream, input,
      {.fc1 = layer.fc1, .fc2 = layer.fc2, .activation = traits.activation, .drop = drop, .gated = traits.gated});
}

}  // namespace continuo::neural
