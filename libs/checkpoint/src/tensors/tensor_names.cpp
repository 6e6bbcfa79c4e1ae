#include "continuo/checkpoint/tensor_names.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace continuo::checkpoint {
namespace {

// Collects the tensors of one model, part by part.
class SpecList {
 public:
  explicit SpecList(const ModelConfig& config) : config_(config), width_(config.d_model) {}

  void add_embedding();
  void add_transformer();
  void add_recurrent();
  void add_output() {
    if (!config_.tied_output) add("output.weight", {config_.vocab_size, width_});
    if (config_.bias) add("output.bias", {config_.vocab_size});
  }
  std::vector<TensorSpec> take() { return std::move(specs_); }

 private:
  void add(std::string name, std::vector<std::int64_t> shape) { specs_.push_back({std::move(name), std::move(shape)}); }
  void add_matrices(std::string name, std::vector<std::int64_t> rows, std::int64_t columns) {
    const std::int64_t all_rows = std::accumulate(rows.begin(), rows.end(), std::int64_t{0});
    specs_.push_back({std::move(name), {all_rows, columns}, std::move(rows)});
  }
  void add_linear(const std::string& name, std::vector<std::int64_t> out, std::int64_t in) {
    add_matrices(name + ".weight", std::move(out), in);
    const std::int64_t rows = specs_.back().shape.front();
    if (config_.bias) add(name + ".bias", {rows});
  }
  void add_norm(const std::string& name) {
    add(name + ".weight", {width_});
    if (has_shift(config_.norm)) add(name + ".bias", {width_});
  }
  void add_attention(const std::string& name);
  void add_feed_forward(const std::string& name);

  const ModelConfig& config_;
  std::int64_t width_;
  std::vector<TensorSpec> specs_;
};

void SpecList::add_embedding() {
  add("token_embedding.weight", {config_.vocab_size, width_});
  if (config_.places > 0) add("place_embedding.weight", {config_.places, width_});
  if (config_.slots > 0) add("slot_embedding.weight", {config_.slots, width_});
  if (config_.has_position_vectors()) add("position_embedding.weight", {config_.context_length, width_});
}

void SpecList::add_attention(const std::string& name) {
  add_linear(name + ".qkv", {width_, config_.kv_width(), config_.kv_width()}, width_);
  if (config_.qk_norm) {
    add(name + ".query_norm.weight", {config_.head_width()});
    add(name + ".key_norm.weight", {config_.head_width()});
  }
  add_linear(name + ".proj", {width_}, width_);
  if (config_.positions == Positions::kRelative) add(name + ".distance.weight", {distance_count(config_), width_});
}

void SpecList::add_feed_forward(const std::string& name) {
  const std::size_t halves = traits_of(config_.feed_forward).gated ? 2 : 1;
  add_linear(name + ".fc1", std::vector<std::int64_t>(halves, config_.d_ff), width_);
  add_linear(name + ".fc2", {width_}, config_.d_ff);
}

void SpecList::add_transformer() {
  if (config_.norm_placement == NormPlacement::kPost) add_norm(outer_norm_name(config_.norm_placement));
  for (int n = 0; n < config_.n_layers; ++n) {
    const std::string layer = "layers." + std::to_string(n);
    add_attention(layer + ".attention");
    add_norm(layer + ".attention_norm");
    add_feed_forward(layer + ".mlp");
    add_norm(layer + ".mlp_norm");
  }
  if (config_.norm_placement == NormPlacement::kPre) add_norm(outer_norm_name(config_.norm_placement));
}

void SpecList::add_recurrent() {
  const CellTraits cell = traits_of(config_.cell);
  for (int n = 0; n < config_.n_layers; ++n) {
    const std::string layer = "layers." + std::to_string(n) + "." + std::string(cell.name);
    const std::vector<std::int64_t> gates(static_cast<std::size_t>(cell.gates), width_);
    add_matrices(layer + ".input.weight", gates, width_);
    add_matrices(layer + ".recurrent.weight", gates, width_);
    add(layer + ".bias", {cell.gates * width_});
    if (cell.recurrent_bias) add(layer + ".recurrent_bias", {width_});
  }
  if (config_.has_attention()) add_attention(last_layer_attention(config_));
}

}  // namespace

std::int64_t distance_count(const ModelConfig& config) {
  const std::int64_t back = config.memory_length > 0 ? config.memory_length + 1 : config.context_length;  // with 0
  switch (config.masking) {
    case Masking::kCausal:
      return back;
    case Masking::kBidirectional:
      return 2 * back - 1;
  }
  return 0;
}

std::string outer_norm_name(NormPlacement placement) {
  switch (placement) {
    case NormPlacement::kPre:
      return "final_norm";
    case NormPlacement::kPost:
      return "embedding_norm";
  }
  return {};
}

std::string last_layer_attention(const ModelConfig& config) {
  return "layers." + std::to_string(config.n_layers - 1) + ".attention";
}

std::string scale_name(const std::string& matrix) { return matrix + "_scale"; }

bool is_model_tensor(std::string_view name) {
  constexpr std::array<std::string_view, 8> kPrefixes = {"token_embedding.",    "place_embedding.", "slot_embedding.",
                                                         "position_embedding.", "layers.",          "embedding_norm.",
                                                         "final_norm.",         "output."};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view p) { return name.starts_with(p); });
}

std::vector<TensorSpec> tensor_specs(const ModelConfig& config) {
  SpecList list(config);
  list.add_embedding();
  switch (config.family) {
    case Family::kRecurrent:
      list.add_recurrent();
      break;
    case Family::kTransformer:
      list.add_transformer();
      break;
  }
  list.add_output();
  return list.take();
}

std::int64_t parameter_count(const ModelConfig& config) {
  const ParameterParts parts = parameter_parts(config);
  return parts.embedding + parts.layers + parts.output;
}

ParameterParts parameter_parts(const ModelConfig& config) {
  ParameterParts parts;
  for (const TensorSpec& spec : tensor_specs(config)) {
    std::int64_t elements = 1;
    for (const std::int64_t extent : spec.shape) elements *= extent;
    const bool in_layer = spec.name.starts_with("layers.");
    const bool in_output = spec.name.starts_with("output.") || spec.name.starts_with("final_norm.");
    (in_layer ? parts.layers : in_output ? parts.output : parts.embedding) += elements;
  }
  return parts;
}

}  // namespace continuo::checkpoint
