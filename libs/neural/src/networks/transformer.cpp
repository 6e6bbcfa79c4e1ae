#include "networks/transformer.h"

#include <utility>

#include <torch/torch.h>

#include "continuo/checkpoint/tensor_names.h"

#include "parts/attention.h"
#include "parts/projection.h"
#include "shared/dropout.h"

namespace continuo::neural {

using checkpoint::Masking;
using checkpoint::NormPlacement;
using checkpoint::Positions;
using torch::Tensor;

namespace {

// The dropouts of a pass, each with a seed of its own.
Drop embedding_drop(const Pass& pass) { return drop_of(pass, 0); }
Drop attention_drop(std::size_t index, const Pass& pass) { return drop_of(pass, 2 * index + 1); }
Drop mlp_drop(std::size_t index, const Pass& pass) { return drop_of(pass, 2 * index + 2); }

// How far ahead keys of distances reach.
int distances_ahead(const checkpoint::ModelConfig& config) {
  switch (config.masking) {
    case Masking::kCausal:
      return 0;
    case Masking::kBidirectional:
      return config.context_length - 1;
  }
  return 0;
}

}  // namespace

Transformer::Transformer(const checkpoint::ModelConfig& config, torch::Device device)
    : Network(config, device), embedding_(embedding()) {
  outer_norm_ = read_norm(checkpoint::outer_norm_name(config.norm_placement));
  for (int i = 0; i < config.n_layers; ++i) layers_.push_back(read_layer("layers." + std::to_string(i) + "."));
}

NormWeights Transformer::read_norm(const std::string& name) const {
  return {.kind = config().norm,
          .scale = parameter(name + ".weight"),
          .shift = checkpoint::has_shift(config().norm) ? parameter(name + ".bias") : Tensor(),
          .epsilon = config().norm_epsilon};
}

Transformer::Layer Transformer::read_layer(const std::string& prefix) const {
  Layer layer;
  layer.attention_norm = read_norm(prefix + "attention_norm");
  layer.qkv = linear(prefix + "attention.qkv");
  if (config().qk_norm) {
    layer.query_scale = parameter(prefix + "attention.query_norm.weight");
    layer.key_scale = parameter(prefix + "attention.key_norm.weight");
  }
  layer.proj = linear(prefix + "attention.proj");
  if (config().positions == Positions::kRelative) layer.distance = parameter(prefix + "attention.distance.weight");
  layer.mlp_norm = read_norm(prefix + "mlp_norm");
  layer.mlp = {linear(prefix + "mlp.fc1"), linear(prefix + "mlp.fc2")};
  return layer;
}

AttentionOptions Transformer::attention_options(const Layer& layer, const Pass& pass) const {
  return {.heads = config().n_heads,
          .causal = config().masking == Masking::kCausal,
          .window = config().memory_length > 0 ? config().memory_length + 1 : 0,
          .memory = pass.memory != nullptr ? config().memory_length : 0,
          .padding = pass.padding,
          .distances = {layer.distance, {}, distances_ahead(config())},
          .rotary = config().positions == Positions::kRotary,
          .norm = {layer.query_scale, layer.key_scale, config().norm_epsilon},
          .n_kv_heads = config().n_kv_heads};
}

Tensor Transformer::attend_onto(const Branch& branch, std::size_t index, const Pass& pass) const {
  const Layer& layer = layers_[index];
  Tensor qkv = project(branch.input, layer.qkv, pass);
  if (pass.memory != nullptr) qkv = with_memory(qkv, pass.memory->layers[index], config().memory_length);
  const Tensor mixed = attention(qkv, attention_options(layer, pass), pass);
  return project_onto(branch.stream, mixed, layer.proj, attention_drop(index, pass), pass);
}

Tensor Transformer::mlp_onto(const Branch& branch, std::size_t index, const Pass& pass) const {
  return feed_forward_onto(branch.stream, branch.input, layers_[index].mlp, config().feed_forward,
                           mlp_drop(index, pass), pass);
}

// x + attention(norm(x)), then x + mlp(norm(x)).
Tensor Transformer::pre_norm_block(Tensor stream, std::size_t index, const Pass& pass) const {
  stream = attend_onto(branch_before_norm(stream, layers_[index].attention_norm, pass), index, pass);
  return mlp_onto(branch_before_norm(stream, layers_[index].mlp_norm, pass), index, pass);
}

// norm(x + attention(x)), then norm(x + mlp(x)).
Branch Transformer::post_norm_block(Branch branch, std::size_t index, const Pass& pass) const {
  branch = branch_after_norm(attend_onto(branch, index, pass), layers_[index].attention_norm, pass);
  return branch_after_norm(mlp_onto(branch, index, pass), layers_[index].mlp_norm, pass);
}

Tensor Transformer::pre_norm_layers(const Tensor& embedded, const Pass& pass) const {
  Tensor stream = dropped(embedded, embedding_drop(pass));
  for (std::size_t i = 0; i < layers_.size(); ++i) stream = pre_norm_block(stream, i, pass);
  return branch_before_norm(stream, outer_norm_, pass).input;
}

Tensor Transformer::post_norm_layers(const Tensor& embedded, const Pass& pass) const {
  // The dropout comes after the norm, so the type of the layers' inputs does too.
  Pass wide = pass;
  wide.bf16 = false;
  const Tensor stream = dropped(branch_after_norm(embedded, outer_norm_, wide).stream, embedding_drop(pass));
  Branch branch = {stream, stream.to(input_type(pass))};
  for (std::size_t i = 0; i < layers_.size(); ++i) branch = post_norm_block(std::move(branch), i, pass);
  return branch.input;
}

Tensor Transformer::hidden(const Tensor& tokens, const Pass& pass) const {
  const Tensor embedded = embed({tokens, pass.places}, embedding_, pass);
  switch (config().norm_placement) {
    case NormPlacement::kPre:
      return pre_norm_layers(embedded, pass);
    case NormPlacement::kPost:
      return post_norm_layers(embedded, pass);
  }
  return embedded;
}

}  // namespace continuo::neural
