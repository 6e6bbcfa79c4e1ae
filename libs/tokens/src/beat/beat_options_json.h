#pragma once

#include <nlohmann/json.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/beat_options.h"

namespace continuo::tokens {

nlohmann::json options_to_json(const BeatOptions& options);
// Members that are missing keep their defaults. Errors: malformed.
Result<BeatOptions> options_from_json(const nlohmann::json& description);
// Errors: invalid_argument, naming the option that is out of its range.
Status check_options(const BeatOptions& options);

}  // namespace continuo::tokens
