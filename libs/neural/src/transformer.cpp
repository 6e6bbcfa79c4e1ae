#include "transformer.h"

#include <torch/torch.h>

#include "continuo/base/rng.h"

#include "attention.h"
#include "dropout.h"
#include "linear.h"

namespace continuo::neural {

using checkpoint::NormPlacement;

Transformer::Transformer(const checkpoint::ModelConfig& config) : Network(config) {
  token_embedding_ = parameter("token_embedding.weight");
  position_embedding_ = parameter("position_embedding.weight");
  if (config.norm_placement == NormPlacement::kPost) {
    embedding_norm_ = affine("embedding_norm");
  } else {
    final_norm_ = affine("final_norm");
  }
  for (int i = 0; i < config.n_layers; ++i) {
    const std::string prefix = "layers." + std::to_string(i) + ".";
    layers_.push_back({affine(prefix + "attention_norm"), affine(prefix + "attention.qkv"),
                       affine(prefix + "attention.proj"), affine(prefix + "mlp_norm"), affine(prefix + "mlp.fc1"),
                       affine(prefix + "mlp.fc2")});
  }
}

Transformer::Affine Transformer::affine(const std::string& name) const {
  return {parameter(name + ".weight"), parameter(name + ".bias")};
}

torch::Tensor Transformer::norm(const torch::Tensor& x, const Affine& weights) const {
  return at::layer_norm(x, {config().d_model}, weights.weight, weights.bias, config().norm_epsilon);
}

torch::Tensor Transformer::attend(const torch::Tensor& x, const Layer& layer, const Pass& pass) const {
  const torch::Tensor qkv = linear(x, layer.qkv.weight, layer.qkv.bias, pass.bf16);
  const bool causal = config().masking == checkpoint::Masking::kCausal;
  const torch::Tensor mixed = attention(qkv, {config().n_heads, causal, pass.padding});
  return linear(mixed, layer.proj.weight, layer.proj.bias, pass.bf16);
}

torch::Tensor Transformer::feed_forward(const torch::Tensor& x, const Layer& layer, const Pass& pass) const {
  const torch::Tensor wide = linear(x, layer.fc1.weight, layer.fc1.bias, pass.bf16);
  const bool tanh = config().activation == checkpoint::Activation::kGeluTanh;
  return linear(at::gelu(wide, tanh ? "tanh" : "none"), layer.fc2.weight, layer.fc2.bias, pass.bf16);
}

torch::Tensor Transformer::block(torch::Tensor x, std::size_t index, const Pass& pass) const {
  const Layer& layer = layers_[index];
  const Drop drop_attention{pass.dropout, mix_seed(pass.seed, 2 * index + 1)};
  const Drop drop_mlp{pass.dropout, mix_seed(pass.seed, 2 * index + 2)};
  if (config().norm_placement == NormPlacement::kPre) {
    x = add_dropped(x, attend(norm(x, layer.attention_norm), layer, pass), drop_attention);
    return add_dropped(x, feed_forward(norm(x, layer.mlp_norm), layer, pass), drop_mlp);
  }
  x = norm(add_dropped(x, attend(x, layer, pass), drop_attention), layer.attention_norm);
  return norm(add_dropped(x, feed_forward(x, layer, pass), drop_mlp), layer.mlp_norm);
}

torch::Tensor Transformer::hidden(const torch::Tensor& tokens, const Pass& pass) const {
  const auto time = tokens.size(1);
  torch::Tensor x = at::embedding(token_embedding_, tokens) + position_embedding_.slice(0, 0, time);
  if (config().norm_placement == NormPlacement::kPost) x = norm(x, embedding_norm_);
  x = dropped(x, {pass.dropout, mix_seed(pass.seed, 0)});
  for (std::size_t i = 0; i < layers_.size(); ++i) x = block(x, i, pass);
  return config().norm_placement == NormPlacement::kPre ? norm(x, final_norm_) : x;
}

}  // namespace continuo::neural
