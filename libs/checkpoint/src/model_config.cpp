#include "continuo/checkpoint/model_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "continuo/checkpoint/tensor_names.h"

namespace continuo::checkpoint {
namespace {

using nlohmann::json;

template <typename Enum, std::size_t kCount = 2>
using Spelling = std::array<std::pair<Enum, std::string_view>, kCount>;

constexpr Spelling<Family> kFamilies = {{{Family::kLstm, "lstm"}, {Family::kTransformer, "transformer"}}};
constexpr Spelling<NormPlacement> kPlacements = {{{NormPlacement::kPre, "pre"}, {NormPlacement::kPost, "post"}}};
constexpr Spelling<Masking> kMaskings = {{{Masking::kCausal, "causal"}, {Masking::kBidirectional, "bidirectional"}}};
constexpr Spelling<Activation> kActivations = {{{Activation::kGelu, "gelu"}, {Activation::kGeluTanh, "gelu_tanh"}}};

constexpr Spelling<Positions, 3> kPositions = {
    {{Positions::kLearned, "learned"}, {Positions::kRelative, "relative"}, {Positions::kRotary, "rotary"}}};

constexpr int kFieldCount = 14;  // without `positions`, which is left out where it is "learned"

Error malformed(const std::string& field, const std::string& problem) {
  return Error{ErrorCode::malformed, "model config: '" + field + "' " + problem};
}

template <typename Enum, std::size_t kCount>
std::string spell(const Spelling<Enum, kCount>& spelling, Enum value) {
  for (const auto& [known, name] : spelling) {
    if (known == value) return std::string(name);
  }
  return {};
}

// Reads fields one after the other and remembers the first problem.
class FieldReader {
 public:
  explicit FieldReader(const json& object) : object_(object) {}

  void read(const char* field, int& out) {
    const json* value = find(field);
    if (value == nullptr) return;
    if (!value->is_number_integer()) return fail(field, "is not an integer");
    // A number above the signed range becomes negative here and is refused by validate().
    const auto number = value->get<std::int64_t>();
    if (number < 0 || number > std::numeric_limits<int>::max()) return fail(field, "is out of range");
    out = static_cast<int>(number);
  }

  void read(const char* field, double& out) {
    const json* value = find(field);
    if (value == nullptr) return;
    if (!value->is_number()) return fail(field, "is not a number");
    out = value->get<double>();
  }

  void read(const char* field, bool& out) {
    const json* value = find(field);
    if (value == nullptr) return;
    if (!value->is_boolean()) return fail(field, "is neither true nor false");
    out = value->get<bool>();
  }

  void read(const char* field, std::string& out) {
    const json* value = find(field);
    if (value == nullptr) return;
    if (!value->is_string()) return fail(field, "is not a string");
    out = value->get<std::string>();
  }

  template <typename Enum, std::size_t kCount>
  void read(const char* field, const Spelling<Enum, kCount>& spelling, Enum& out) {
    std::string name;
    read(field, name);
    if (!status_.ok()) return;
    for (const auto& [value, known] : spelling) {
      if (known == name) {
        out = value;
        return;
      }
    }
    fail(field, "has an unknown value");
  }

  const Status& status() const { return status_; }

 private:
  const json* find(const char* field) {
    const auto it = object_.find(field);
    if (it != object_.end()) return &*it;
    fail(field, "is missing");
    return nullptr;
  }

  void fail(const char* field, const char* problem) {
    if (status_.ok()) status_ = malformed(field, problem);
  }

  const json& object_;
  Status status_;
};

Status check_range(const char* field, int value, int low, int high) {
  if (value >= low && value <= high) return {};
  return malformed(field,
                   "is " + std::to_string(value) + ", not " + std::to_string(low) + " to " + std::to_string(high));
}

}  // namespace

Status validate(const ModelConfig& config) {
  const auto names = model_names();
  if (std::find(names.begin(), names.end(), config.preset) == names.end()) {
    return malformed("preset", "names no model");
  }
  CONTINUO_TRY(check_range("vocab_size", config.vocab_size, 1, 1 << 20));
  CONTINUO_TRY(check_range("d_model", config.d_model, 1, 1 << 14));
  CONTINUO_TRY(check_range("n_layers", config.n_layers, 1, 256));
  CONTINUO_TRY(check_range("context_length", config.context_length, 1, 1 << 20));
  if (config.family == Family::kTransformer) {
    CONTINUO_TRY(check_range("n_heads", config.n_heads, 1, config.d_model));
    CONTINUO_TRY(check_range("d_ff", config.d_ff, 1, 1 << 16));
    if (config.d_model % config.n_heads != 0) return malformed("n_heads", "does not divide d_model");
  }
  if ((config.preset == "lstm") != (config.family == Family::kLstm)) {
    return malformed("family", "does not belong to the preset");
  }
  if (config.family == Family::kLstm && config.positions != Positions::kLearned) {
    return malformed("positions", "are not for an LSTM");
  }
  if (config.positions == Positions::kRotary && config.d_model / config.n_heads % 2 != 0) {
    return malformed("positions", "are rotary, which takes heads of an even width");
  }
  if (config.family == Family::kLstm && config.masking != Masking::kCausal) {
    return malformed("masking", "is not causal, which an LSTM always is");
  }
  if (!(config.norm_epsilon > 0 && config.norm_epsilon <= 0.1)) {
    return malformed("norm_epsilon", "is not within 0 to 0.1");
  }
  if (!(config.dropout >= 0 && config.dropout < 1)) return malformed("dropout", "is not within 0 to 1");
  return {};
}

json to_json(const ModelConfig& config) {
  json object{{"preset", config.preset},
              {"family", spell(kFamilies, config.family)},
              {"vocab_size", config.vocab_size},
              {"d_model", config.d_model},
              {"n_layers", config.n_layers},
              {"n_heads", config.n_heads},
              {"d_ff", config.d_ff},
              {"context_length", config.context_length},
              {"norm_placement", spell(kPlacements, config.norm_placement)},
              {"masking", spell(kMaskings, config.masking)},
              {"activation", spell(kActivations, config.activation)},
              {"tied_output", config.tied_output},
              {"norm_epsilon", config.norm_epsilon},
              {"dropout", config.dropout}};
  if (config.positions != Positions::kLearned) object["positions"] = spell(kPositions, config.positions);
  return object;
}

Result<ModelConfig> model_config_from_json(const json& object) {
  if (!object.is_object()) return Error{ErrorCode::malformed, "model config: not a JSON object"};
  ModelConfig config;
  FieldReader fields(object);
  fields.read("preset", config.preset);
  fields.read("family", kFamilies, config.family);
  fields.read("vocab_size", config.vocab_size);
  fields.read("d_model", config.d_model);
  fields.read("n_layers", config.n_layers);
  fields.read("n_heads", config.n_heads);
  fields.read("d_ff", config.d_ff);
  fields.read("context_length", config.context_length);
  fields.read("norm_placement", kPlacements, config.norm_placement);
  fields.read("masking", kMaskings, config.masking);
  fields.read("activation", kActivations, config.activation);
  fields.read("tied_output", config.tied_output);
  fields.read("norm_epsilon", config.norm_epsilon);
  fields.read("dropout", config.dropout);
  const bool has_positions = object.contains("positions");
  if (has_positions) fields.read("positions", kPositions, config.positions);
  CONTINUO_TRY(fields.status());
  // Every field of ours was found, so more of them means one that this version does not know.
  if (object.size() != kFieldCount + (has_positions ? 1 : 0))
    return Error{ErrorCode::malformed, "model config: an unknown field"};
  CONTINUO_TRY(validate(config));
  return config;
}

std::int64_t parameter_count(const ModelConfig& config) {
  std::int64_t total = 0;
  for (const TensorSpec& spec : tensor_specs(config)) {
    std::int64_t elements = 1;
    for (const std::int64_t extent : spec.shape) elements *= extent;
    total += elements;
  }
  return total;
}

}  // namespace continuo::checkpoint
