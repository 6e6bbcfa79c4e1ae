#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "continuo/checkpoint/model_config.h"
#include "continuo/json/field_reader.h"

namespace continuo::checkpoint {

// When a member is in a file. Parts that came after the first files are left out where they have their default, so that
// earlier versions read models that have none of them.
enum class Presence { kAlways, kUnlessDefault };

// One member of ModelConfig: its key in files, and what it may be.
struct ConfigField {
  std::string_view key;
  Presence presence;
  // Which family alone has it; models of others must have the default. Empty: no such rule.
  std::optional<Family> family;
  void (*read)(json::FieldReader& fields, std::string_view key, ModelConfig& config);
  void (*read_if_present)(json::FieldReader& fields, std::string_view key, ModelConfig& config);
  nlohmann::json (*value)(const ModelConfig& config);
  bool (*is_default)(const ModelConfig& config);
  // What is wrong with the value; empty: nothing. Null: every value is allowed.
  std::string (*problem)(const ModelConfig& config);
};

// In the order in which they are checked: a field's check may rely on those before it.
std::span<const ConfigField> config_fields();

}  // namespace continuo::checkpoint
