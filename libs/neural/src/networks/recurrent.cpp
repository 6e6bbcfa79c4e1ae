#include "networks/recurrent.h"

#include <torch/torch.h>

#include "continuo/checkpoint/tensor_names.h"

#include "parts/attention.h"
#include "parts/projection.h"
#include "shared/dropout.h"

namespace continuo::neural {

using torch::Tensor;

Recurrent::Recurrent(const checkpoint::ModelConfig& config, torch::Device device)
    : Network(config, device), embedding_(embedding()) {
  const checkpoint::CellTraits cell = checkpoint::traits_of(config.cell);
  for (int i = 0; i < config.n_layers; ++i) {
    const std::string prefix = "layers." + std::to_string(i) + "." + std::string(cell.name) + ".";
    layers_.push_back({.input = parameter(prefix + "input.weight"),
                       .recurrent = parameter(prefix + "recurrent.weight"),
                       .bias = parameter(prefix + "bias"),
                       .recurrent_bias = cell.recurrent_bias ? parameter(prefix + "recurrent_bias") : Tensor()});
  }
  if (!config.has_attention()) return;
  const std::string attention = checkpoint::last_layer_attention(config);
  qkv_ = linear(attention + ".qkv");
  proj_ = linear(attention + ".proj");
}

Tensor Recurrent::attend_onto(const Tensor& outputs, const Pass& pass) const {
  const AttentionOptions options = {.heads = config().n_heads, .window = config().attention_window};
  const Tensor mixed = attention(project(outputs, qkv_, pass), options, pass);
  return project_onto(outputs.to(torch::kFloat32), mixed, proj_, drop_of(pass, layers_.size()), pass)
      .to(input_type(pass));
}

Tensor Recurrent::hidden(const Tensor& tokens, const Pass& pass) const {
  // [batch, time] -> [time, batch, d_model], the order in which the recurrence reads.
  const Tensor places = pass.places.defined() ? pass.places.transpose(1, 2) : Tensor();
  Tensor x = embed({tokens.t(), places}, embedding_, pass).to(input_type(pass));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    x = dropped(recur(x, layers_[i], config().cell, pass).transpose(0, 1), drop_of(pass, i)).transpose(0, 1);
  }
  const Tensor outputs = x.transpose(0, 1);
  return config().has_attention() ? attend_onto(outputs.contiguous(), pass) : outputs;
}

}  // namespace continuo::neural
