#include "continuo/checkpoint/model_config.h"

#include <nlohmann/json.hpp>

#include "config/config_fields.h"

namespace continuo::checkpoint {
namespace {

constexpr const char* kSubject = "model config";

Status check(const ConfigField& field, const ModelConfig& config) {
  const bool foreign = field.family && *field.family != config.family && !field.is_default(config);
  const std::string problem = foreign         ? "is not a part of this family"
                              : field.problem ? field.problem(config)
                                              : std::string();
  if (problem.empty()) return {};
  return Error{ErrorCode::malformed, std::string(kSubject) + ": '" + std::string(field.key) + "' " + problem};
}

}  // namespace

Status validate(const ModelConfig& config) {
  for (const ConfigField& field : config_fields()) CONTINUO_TRY(check(field, config));
  return {};
}

nlohmann::json to_json(const ModelConfig& config) {
  nlohmann::json object = nlohmann::json::object();
  for (const ConfigField& field : config_fields()) {
    if (field.presence == Presence::kAlways || !field.is_default(config)) object[field.key] = field.value(config);
  }
  return object;
}

Result<ModelConfig> model_config_from_json(const nlohmann::json& object) {
  ModelConfig config;
  json::FieldReader fields(object, kSubject);
  for (const ConfigField& field : config_fields()) {
    switch (field.presence) {
      case Presence::kAlways:
        field.read(fields, field.key, config);
        break;
      case Presence::kUnlessDefault:
        field.read_if_present(fields, field.key, config);
        break;
    }
  }
  CONTINUO_TRY(fields.finish());
  CONTINUO_TRY(validate(config));
  return config;
}

}  // namespace continuo::checkpoint
