#include "lstm.h"

#include <torch/torch.h>

#include "continuo/base/rng.h"

#include "dropout.h"
#include "fused/embedding.h"

namespace continuo::neural {
namespace {

using torch::Tensor;

// Shape: x [time, batch, input] -> [time, batch, hidden].
Tensor plain_layer(const Tensor& x, const fused::LstmLayer& layer) {
  const Tensor zero_state = torch::zeros({1, x.size(1), layer.recurrent.size(1)});
  return std::get<0>(at::lstm(x, {zero_state, zero_state},
                              {layer.input, layer.recurrent, layer.bias, torch::zeros_like(layer.bias)}, true, 1, 0.0,
                              true, false, false));
}

}  // namespace

Lstm::Lstm(const checkpoint::ModelConfig& config) : Network(config) {
  token_embedding_ = parameter("token_embedding.weight");
  for (int i = 0; i < config.n_layers; ++i) {
    const std::string prefix = "layers." + std::to_string(i) + ".lstm.";
    layers_.push_back(
        {parameter(prefix + "input.weight"), parameter(prefix + "recurrent.weight"), parameter(prefix + "bias")});
  }
}

Tensor Lstm::hidden(const Tensor& tokens, const Pass& pass) const {
  // [batch, time] -> [time, batch, d_model], the order in which the recurrence reads.
  const Tensor ids = tokens.t().contiguous();
  Tensor x = pass.fused ? fused::embed(ids, token_embedding_, {}) : at::embedding(token_embedding_, ids);
  if (pass.fused && pass.bf16) x = x.to(torch::kBFloat16);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Tensor y = pass.fused ? fused::lstm(x, layers_[i]) : plain_layer(x, layers_[i]);
    x = dropped(y, {pass.dropout, mix_seed(pass.seed, i)});
  }
  return x.transpose(0, 1);
}

}  // namespace continuo::neural
