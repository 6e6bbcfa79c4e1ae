#include "transformer.h"

#include <torch/torch.h>

#include "continuo/base/rng.h"

#include "attention.h"
#include "fused/attention.h"
#include "fused/embedding.h"
#include "fused/linear.h"
#include "fused/norm.h"
#include "linear.h"

namespace continuo::neural {

using checkpoint::NormPlacement;
using checkpoint::Positions;

namespace {

torch::Tensor activated(checkpoint::Activation activation, const torch::Tensor& x) {
  switch (activation) {
    case checkpoint::Activation::kGelu:
      return at::gelu(x, "none");
    case checkpoint::Activation::kGeluTanh:
      return at::gelu(x, "tanh");
  }
  return x;
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

}  // namespace

Transformer::Transformer(const checkpoint::ModelConfig& config) : Network(config) {
  token_embedding_ = parameter("token_embedding.weight");
  if (config.positions == Positions::kLearned) position_embedding_ = parameter("position_embedding.weight");
  if (config.norm_placement == NormPlacement::kPost) {
    embedding_norm_ = affine("embedding_norm");
  } else {
    final_norm_ = affine("final_norm");
  }
  for (int i = 0; i < config.n_layers; ++i) {
    const std::string prefix = "layers." + std::to_string(i) + ".";
    layers_.push_back(
        {affine(prefix + "attention_norm"), affine(prefix + "attention.qkv"), affine(prefix + "attention.proj"),
         affine(prefix + "mlp_norm"), affine(prefix + "mlp.fc1"), affine(prefix + "mlp.fc2"),
         config.positions == Positions::kRelative ? parameter(prefix + "attention.distance.weight") : torch::Tensor()});
  }
}

Transformer::Affine Transformer::affine(const std::string& name) const {
  return {parameter(name + ".weight"), parameter(name + ".bias")};
}

torch::Tensor Transformer::norm(const torch::Tensor& x, const Affine& weights) const {
  return at::layer_norm(x, {config().d_model}, weights.weight, weights.bias, config().norm_epsilon);
}

AttentionOptions Transformer::attention_options(const Layer& layer, const Pass& pass) const {
  const bool causal = config().masking == checkpoint::Masking::kCausal;
  return {config().n_heads,
          causal,
          pass.padding,
          {layer.distance, {}, causal ? 0 : config().context_length - 1},
          config().positions == Positions::kRotary};
}

torch::Tensor Transformer::attend(const torch::Tensor& x, const Layer& layer, const Pass& pass) const {
  const torch::Tensor qkv = linear(x, layer.qkv.weight, layer.qkv.bias, pass.bf16);
  const torch::Tensor mixed = attention(qkv, attention_options(layer, pass));
  return linear(mixed, layer.proj.weight, layer.proj.bias, pass.bf16);
}

torch::Tensor Transformer::feed_forward(const torch::Tensor& x, const Layer& layer, const Pass& pass) const {
  const torch::Tensor wide = linear(x, layer.fc1.weight, layer.fc1.bias, pass.bf16);
  return linear(activated(config().activation, wide), layer.fc2.weight, layer.fc2.bias, pass.bf16);
}

Drop Transformer::attention_drop(std::size_t index, const Pass& pass) {
  return {pass.dropout, mix_seed(pass.seed, 2 * index + 1)};
}
Drop Transformer::mlp_drop(std::size_t index, const Pass& pass) {
  return {pass.dropout, mix_seed(pass.seed, 2 * index + 2)};
}

torch::Tensor Transformer::block(torch::Tensor x, std::size_t index, const Pass& pass) const {
  const Layer& layer = layers_[index];
  if (config().norm_placement == NormPlacement::kPre) {
    x = add_dropped(x, attend(norm(x, layer.attention_norm), layer, pass), attention_drop(index, pass));
    return add_dropped(x, feed_forward(norm(x, layer.mlp_norm), layer, pass), mlp_drop(index, pass));
  }
  x = norm(add_dropped(x, attend(x, layer, pass), attention_drop(index, pass)), layer.attention_norm);
  return norm(add_dropped(x, feed_forward(x, layer, pass), mlp_drop(index, pass)), layer.mlp_norm);
}

torch::Tensor Transformer::fused_attend(const torch::Tensor& stream, const torch::Tensor& input, std::size_t index,
                                        const Pass& pass) const {
  const Layer& layer = layers_[index];
  const torch::Tensor qkv = fused::linear(input, layer.qkv.weight, layer.qkv.bias);
  const torch::Tensor mixed = fused::attention(qkv, attention_options(layer, pass));
  return fused::linear_onto(stream, mixed, layer.proj.weight, layer.proj.bias, attention_drop(index, pass));
}

torch::Tensor Transformer::fused_feed_forward(const torch::Tensor& stream, const torch::Tensor& input,
                                              std::size_t index, const Pass& pass) const {
  const Layer& layer = layers_[index];
  return fused::feed_forward_onto(stream, input,
                                  {layer.fc1.weight, layer.fc1.bias, layer.fc2.weight, layer.fc2.bias,
                                   kernel_activation(config().activation), mlp_drop(index, pass)});
}

fused::Norm Transformer::fused_norm(const Affine& affine) const {
  return {affine.weight, affine.bias, config().norm_epsilon};
}

torch::Tensor Transformer::plain_hidden(torch::Tensor x, const Pass& pass) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) x = block(x, i, pass);
  return config().norm_placement == NormPlacement::kPre ? norm(x, final_norm_) : x;
}

torch::Tensor Transformer::fused_hidden(torch::Tensor x, const Pass& pass) const {
  const auto type = pass.bf16 ? torch::kBFloat16 : torch::kFloat32;
  fused::Branch branch{x, x.to(type)};
  if (config().norm_placement == NormPlacement::kPre) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      branch = fused::branch_before_norm(branch.stream, fused_norm(layers_[i].attention_norm), type);
      branch.stream = fused_attend(branch.stream, branch.input, i, pass);
      branch = fused::branch_before_norm(branch.stream, fused_norm(layers_[i].mlp_norm), type);
      branch.stream = fused_feed_forward(branch.stream, branch.input, i, pass);
    }
    return fused::branch_before_norm(branch.stream, fused_norm(final_norm_), type).input;
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    branch.stream = fused_attend(branch.stream, branch.input, i, pass);
    branch = fused::branch_after_norm(branch.stream, fused_norm(layers_[i].attention_norm), type);
    branch.stream = fused_feed_forward(branch.stream, branch.input, i, pass);
    branch = fused::branch_after_norm(branch.stream, fused_norm(layers_[i].mlp_norm), type);
  }
  return branch.input;
}

torch::Tensor Transformer::hidden(const torch::Tensor& tokens, const Pass& pass) const {
  const auto time = tokens.size(1);
  const torch::Tensor positions =
      position_embedding_.defined() ? position_embedding_.slice(0, 0, time) : torch::Tensor();
  torch::Tensor x;
  if (pass.fused) {
    x = fused::embed(tokens, token_embedding_, positions);
  } else {
    x = at::embedding(token_embedding_, tokens);
    if (positions.defined()) x = x + positions;
  }
  if (config().norm_placement == NormPlacement::kPost) {
    x = pass.fused ? fused::branch_after_norm(x, fused_norm(embedding_norm_), torch::kFloat32).stream
                   : norm(x, embedding_norm_);
  }
  x = dropped(x, {pass.dropout, mix_seed(pass.seed, 0)});
  return pass.fused ? fused_hidden(x, pass) : plain_hidden(x, pass);
}

}  // namespace continuo::neural
