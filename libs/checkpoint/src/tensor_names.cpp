#include "continuo/checkpoint/tensor_names.h"

#include <utility>

namespace continuo::checkpoint {
namespace {

class SpecList {
 public:
  void add(std::string name, std::vector<std::int64_t> shape) { specs_.push_back({std::move(name), std::move(shape)}); }
  void add_linear(const std::string& name, std::int64_t out, std::int64_t in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void add_norm(const std::string& name, std::int64_t width) {
    add(name + ".weight", {width});
    add(name + ".bias", {width});
  }
  std::vector<TensorSpec> take() { return std::move(specs_); }

 private:
  std::vector<TensorSpec> specs_;
};

void add_transformer(const ModelConfig& config, SpecList& list) {
  const std::int64_t d = config.d_model;
  if (config.positions == Positions::kLearned) list.add("position_embedding.weight", {config.context_length, d});
  if (config.norm_placement == NormPlacement::kPost) list.add_norm("embedding_norm", d);
  for (int n = 0; n < config.n_layers; ++n) {
    const std::string layer = "layers." + std::to_string(n);
    list.add_linear(layer + ".attention.qkv", 3 * d, d);
    list.add_linear(layer + ".attention.proj", d, d);
    if (config.positions == Positions::kRelative) {
      list.add(layer + ".attention.distance.weight", {distance_count(config), d});
    }
    list.add_norm(layer + ".attention_norm", d);
    list.add_linear(layer + ".mlp.fc1", config.d_ff, d);
    list.add_linear(layer + ".mlp.fc2", d, config.d_ff);
    list.add_norm(layer + ".mlp_norm", d);
  }
  if (config.norm_placement == NormPlacement::kPre) list.add_norm("final_norm", d);
}

void add_lstm(const ModelConfig& config, SpecList& list) {
  const std::int64_t d = config.d_model;
  for (int n = 0; n < config.n_layers; ++n) {
    const std::string layer = "layers." + std::to_string(n) + ".lstm";
    list.add(layer + ".input.weight", {4 * d, d});
    list.add(layer + ".recurrent.weight", {4 * d, d});
    list.add(layer + ".bias", {4 * d});
  }
}

}  // namespace

std::int64_t distance_count(const ModelConfig& config) {
  const std::int64_t behind = config.context_length;  // with distance 0
  return config.masking == Masking::kCausal ? behind : 2 * behind - 1;
}

std::string scale_name(const std::string& matrix) { return matrix + "_scale"; }

std::vector<TensorSpec> tensor_specs(const ModelConfig& config) {
  SpecList list;
  list.add("token_embedding.weight", {config.vocab_size, config.d_model});
  if (config.family == Family::kLstm) {
    add_lstm(config, list);
  } else {
    add_transformer(config, list);
  }
  if (!config.tied_output) list.add("output.weight", {config.vocab_size, config.d_model});
  list.add("output.bias", {config.vocab_size});
  return list.take();
}

}  // namespace continuo::checkpoint
