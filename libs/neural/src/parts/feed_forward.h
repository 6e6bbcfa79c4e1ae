#pragma once

#include <torch/types.h>

#include "continuo/checkpoint/parts.h"
#include "continuo/neural/pass.h"

#include "shared/drop.h"
#include "shared/linear_weights.h"

namespace continuo::neural {

struct FeedForwardWeights {
  LinearWeights fc1;  // [d_ff, d_model]; gated: [2 d_ff, d_model], gates and then values
  LinearWeights fc2;  // [d_model, d_ff]
};

// stream + dropped(fc2(f(fc1(input)))), where f is an activation, or activation(gates) * values.
// Shape: stream [..., d_model] fp32, input [..., d_model] -> as stream.
torch::Tensor feed_forward_onto(const torch::Tensor& stream, const torch::Tensor& input,
                                const FeedForwardWeights& layer, checkpoint::FeedForwardKind kind, const Drop& drop,
                                const Pass& pass);

}  // namespace continuo::neural
