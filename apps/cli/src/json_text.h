#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace continuo::cli {

// `value` on one line. JSON holds Unicode, and a file name any bytes: what is no UTF-8 is shown with replacement
// characters, and an object that has such a string as its member KEY, or in a list KEY, gets a member KEY_percent
// beside it, in which all bytes but unreserved characters and '/' are written as %XX. Source: RFC 3986, section 2.
std::string json_text(nlohmann::json value);

}  // namespace continuo::cli
