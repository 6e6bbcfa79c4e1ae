#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/tokens/beat_options.h"

namespace continuo::tokens {

// "REMI" of "remi_plus", or empty.
std::string_view miditok_class(std::string_view name);
// Whether that class writes one row of words at a time, which MidiTok does not train.
bool has_rows(std::string_view name);

struct BeatDescription {
  std::string name;
  BeatOptions options;
};
// Of MidiTok's class and configuration. Errors: malformed, unsupported.
Result<BeatDescription> from_miditok_config(const std::string& tokenization, const nlohmann::json& config);
// All of MidiTok's configuration. Requires: a name that has a class.
nlohmann::json to_miditok_config(const BeatDescription& description, std::string_view split);

}  // namespace continuo::tokens
