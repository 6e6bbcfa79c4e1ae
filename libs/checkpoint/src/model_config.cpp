#include "continuo/checkpoint/model_config.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/json/field_reader.h"

namespace continuo::checkpoint {
namespace {

using Json = nlohmann::json;
using continuo::json::Named;

constexpr Named<Family> kFamilies[] = {{Family::kLstm, "lstm"}, {Family::kTransformer, "transformer"}};
constexpr Named<NormPlacement> kPlacements[] = {{NormPlacement::kPre, "pre"}, {NormPlacement::kPost, "post"}};
constexpr Named<Masking> kMaskings[] = {{Masking::kCausal, "causal"}, {Masking::kBidirectional, "bidirectional"}};
constexpr Named<Activation> kActivations[] = {{Activation::kGelu, "gelu"}, {Activation::kGeluTanh, "gelu_tanh"}};
constexpr Named<Positions> kPositions[] = {
    {Positions::kLearned, "learned"}, {Positions::kRelative, "relative"}, {Positions::kRotary, "rotary"}};

Error malformed(const std::string& field, const std::string& problem) {
  return Error{ErrorCode::malformed, "model config: '" + field + "' " + problem};
}

Status check_range(const char* field, int value, int low, int high) {
  if (value >= low && value <= high) return {};
  return malformed(field,
                   "is " + std::to_string(value) + ", not " + std::to_string(low) + " to " + std::to_string(high));
}

}  // namespace

Status validate(const ModelConfig& config) {
  const std::optional<Family> family = family_of(config.preset);
  if (!family) return malformed("preset", "is no model's name");
  CONTINUO_TRY(check_range("vocab_size", config.vocab_size, 1, 1 << 20));
  CONTINUO_TRY(check_range("d_model", config.d_model, 1, 1 << 14));
  CONTINUO_TRY(check_range("n_layers", config.n_layers, 1, 256));
  CONTINUO_TRY(check_range("context_length", config.context_length, 1, 1 << 20));
  if (config.family == Family::kTransformer) {
    CONTINUO_TRY(check_range("n_heads", config.n_heads, 1, config.d_model));
    CONTINUO_TRY(check_range("d_ff", config.d_ff, 1, 1 << 16));
    if (config.d_model % config.n_heads != 0) return malformed("n_heads", "does not divide d_model");
  }
  if (config.family != *family) return malformed("family", "does not belong to the preset");
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

Json to_json(const ModelConfig& config) {
  Json object{{"preset", config.preset},
              {"family", json::name_of(kFamilies, config.family)},
              {"vocab_size", config.vocab_size},
              {"d_model", config.d_model},
              {"n_layers", config.n_layers},
              {"n_heads", config.n_heads},
              {"d_ff", config.d_ff},
              {"context_length", config.context_length},
              {"norm_placement", json::name_of(kPlacements, config.norm_placement)},
              {"masking", json::name_of(kMaskings, config.masking)},
              {"activation", json::name_of(kActivations, config.activation)},
              {"tied_output", config.tied_output},
              {"norm_epsilon", config.norm_epsilon},
              {"dropout", config.dropout}};
  // Parts that came later are left out where they have their default, so that earlier versions read the file.
  if (config.positions != Positions::kLearned) object["positions"] = json::name_of(kPositions, config.positions);
  return object;
}

Result<ModelConfig> model_config_from_json(const Json& object) {
  ModelConfig config;
  json::FieldReader fields(object, "model config");
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
  fields.read_if_present("positions", kPositions, config.positions);
  CONTINUO_TRY(fields.finish());
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
