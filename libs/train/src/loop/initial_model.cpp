#include "loop/initial_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "continuo/checkpoint/parts.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/tokens/registry.h"

namespace continuo::train {
namespace {

std::string text_of(const std::string& value) { return value; }
std::string text_of(int value) { return std::to_string(value); }

// Sets an option that is open, and compares one that is not.
template <typename Value>
Status settle(const char* name, const Value& open, const Value& of_model, Value& option) {
  if (option == open) option = of_model;
  if (option == of_model) return {};
  return Error{ErrorCode::invalid_argument, std::string(name) + " is " + text_of(option) +
                                                ", but the model that training starts from has " + text_of(of_model)};
}

// "remi", or "subwords of remi".
std::string name_of(const nlohmann::json& tokenizer) {
  const std::string name = tokenizer.value("name", "another one");
  return tokenizer.contains("base") ? name + " of " + name_of(tokenizer["base"]) : name;
}

// A named size of the network's shape; empty where it has none.
std::string size_of(const checkpoint::ModelConfig& config) {
  for (const std::string_view size : checkpoint::size_names()) {
    const auto named = checkpoint::preset_config(config.preset, size);
    if (named.ok() && named->n_layers == config.n_layers && named->d_model == config.d_model &&
        named->n_heads == config.n_heads && named->d_ff == config.d_ff &&
        named->context_length == config.context_length) {
      return std::string(size);
    }
  }
  return {};
}

// Whether the weights are the same for windows of that length, as those of rotary positions and recurrent layers are.
bool has_weights_for(checkpoint::ModelConfig config, int context_length) {
  const auto shape = [](const checkpoint::TensorSpec& spec) { return spec.shape; };
  const auto before = checkpoint::tensor_specs(config);
  config.context_length = context_length;
  return std::ranges::equal(before, checkpoint::tensor_specs(config), {}, shape, shape);
}

}  // namespace

Result<TrainOptions> options_of_model(const TrainOptions& options, const checkpoint::Checkpoint& model,
                                      const dataset::TokenDataset& data) {
  if (!tokens::is_same_kind(model.tokenizer, data.tokenizer())) {
    return Error{ErrorCode::incompatible, "the model's tokenizer is " + name_of(model.tokenizer) +
                                              ", that of the data set " + options.data.string() + " is " +
                                              name_of(data.tokenizer())};
  }
  const checkpoint::ModelConfig& config = model.model;
  const TrainOptions open;
  TrainOptions settled = options;
  CONTINUO_TRY(settle("model", open.model, config.preset, settled.model));
  if (const std::string size = size_of(config); !size.empty()) {
    CONTINUO_TRY(settle("size", open.size, size, settled.size));
  }
  if (settled.context_length == 0 || !has_weights_for(config, settled.context_length))
    CONTINUO_TRY(settle("context_length", 0, config.context_length, settled.context_length));
  CONTINUO_TRY(settle("memory_length", 0, config.memory_length, settled.memory_length));
  CONTINUO_TRY(settle("n_layers", 0, config.n_layers, settled.n_layers));
  CONTINUO_TRY(settle("d_model", 0, config.d_model, settled.d_model));
  CONTINUO_TRY(settle("n_heads", 0, config.n_heads, settled.n_heads));
  CONTINUO_TRY(settle("d_ff", 0, config.d_ff, settled.d_ff));
  CONTINUO_TRY(settle("tied_output", -1, config.tied_output ? 1 : 0, settled.tied_output));
  const std::string on = "on", off = "off";
  const std::string positions(checkpoint::to_string(config.positions));
  CONTINUO_TRY(settle("positions", open.positions, positions, settled.positions));
  CONTINUO_TRY(settle("qk_norm", open.qk_norm, config.qk_norm ? on : off, settled.qk_norm));
  CONTINUO_TRY(settle("musical_positions", open.musical_positions, config.has_musical_places() ? on : off,
                      settled.musical_positions));
  if (settled.dropout < 0) settled.dropout = config.dropout;
  return settled;
}

}  // namespace continuo::train
