#include "layers/feed_forward.h"

namespace continuo::engine {

FeedForwardLayer read_feed_forward(WeightReader& reader, const std::string& name) {
  return {read_projection(reader, name + ".fc1"), read_projection(reader, name + ".fc2")};
}

kernels::Activation kernel_activation(checkpoint::Activation activation) {
  switch (activation) {
    case checkpoint::Activation::kGelu:
      return kernels::Activation::kGelu;
    case checkpoint::Activation::kGeluTanh:
      return kernels::Activation::kGeluTanh;
  }
  return kernels::Activation::kNone;
}

void feed_forward(const FeedForwardLayer& layer, const FeedForwardCall& call, PreparedInput& prepared,
                  const Workers& workers) noexcept {
  project(layer.fc1, {call.rows, call.input, call.ff_activation, {}, call.activation}, prepared, workers);
  project(layer.fc2, {call.rows, call.ff_activation, call.output, call.residual}, prepared, workers);
}

}  // namespace continuo::engine
