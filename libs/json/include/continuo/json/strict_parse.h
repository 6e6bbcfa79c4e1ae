#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "continuo/base/result.h"

namespace continuo::json {

// How large a JSON text's structure may be. Checked before anything is built from it.
struct JsonLimits {
  std::size_t depth = 32;  // objects and arrays inside one another
  std::size_t array_length = std::size_t{1} << 22;
};

// Parses one JSON value. Stricter than the standard: a key that occurs twice in an object is an error, because
// two readers would disagree about its value. Errors: malformed, with the byte in `where`, counted from
// `origin`.
Result<nlohmann::json> parse_json_strictly(std::string_view text, const JsonLimits& limits, std::size_t origin = 0);

}  // namespace continuo::json
