#include "layers/feed_forward.h"

#include "continuo/kernels/elementwise.h"

namespace continuo::engine {
namespace {

// Rows that are worth a piece of their own where little is done with each.
constexpr std::size_t kGatedRows = 16;

// activation(gates) * values, in place of the gates.
void apply_gates(const FeedForwardCall& call, std::size_t width, const Workers& workers) noexcept {
  workers.share(call.rows, {kGatedRows}, [&](std::size_t begin, std::size_t end, int) {
    const kernels::Matrix<float> rows = call.ff_activation.from_row(begin);
    kernels::gated(
        kernels::GatedForward<float>{
            .rows = end - begin, .width = width, .activation = call.kind.activation, .input = rows, .output = rows},
        {});
  });
}

}  // namespace

FeedForwardLayer read_feed_forward(WeightReader& reader, const std::string& name) {
  return {read_projection(reader, name + ".fc1"), read_projection(reader, name + ".fc2")};
}

std::size_t ff_activation_width(const checkpoint::ModelConfig& model) {
  const auto d_ff = static_cast<std::size_t>(model.d_ff);
  return checkpoint::traits_of(model.feed_forward).gated ? 2 * d_ff : d_ff;
}

void feed_forward(const FeedForwardLayer& layer, const FeedForwardCall& call, PreparedInput& prepared,
                  const Workers& workers) noexcept {
  const kernels::Activation activation = call.kind.gated ? kernels::Activation::kNone : call.kind.activation;
  project(layer.fc1, {call.rows, call.input, call.ff_activation, {}, activation}, prepared, workers);
  if (call.kind.gated) apply_gates(call, layer.fc2.columns(), workers);
  project(layer.fc2, {call.rows, call.ff_activation, call.output, call.residual}, prepared, workers);
}

}  // namespace continuo::engine
