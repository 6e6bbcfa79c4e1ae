#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "continuo/base/result.h"

namespace continuo::tokens {

// Members of a tokenisation's description, which may come from anybody's file.
// Errors: malformed (missing, of another type, out of range).
Result<int> int_option(const nlohmann::json& description, std::string_view name, int least, int most);
Result<bool> bool_option(const nlohmann::json& description, std::string_view name);

}  // namespace continuo::tokens
