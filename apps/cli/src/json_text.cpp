#include "json_text.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace continuo::cli {
namespace {

using Json = nlohmann::json;

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

bool is_utf8(const Json& text) {
  const bool is_ascii = std::ranges::all_of(text.get_ref<const std::string&>(), [](char c) { return (c & 0x80) == 0; });
  return is_ascii || Json::parse(dump(text)) == text;
}

bool has_other_bytes(const Json& value) {
  if (value.is_array()) return std::ranges::any_of(value, has_other_bytes);
  return value.is_string() && !is_utf8(value);
}

bool is_unreserved(char c) {
  constexpr std::string_view kMarks = "-._~/";
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
}

std::string in_percent_form(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    if (is_unreserved(c)) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

// Of strings, also in a list; other elements as they are.
Json percent_form(const Json& value) {
  if (value.is_string()) return in_percent_form(value.get<std::string>());
  if (!value.is_array()) return value;
  Json list = Json::array();
  for (const Json& element : value) list.push_back(percent_form(element));
  return list;
}

void add_percent_forms(Json& value) {
  if (value.is_array()) {
    for (Json& element : value) add_percent_forms(element);
  }
  if (!value.is_object()) return;
  std::map<std::string, Json> added;
  for (auto& [key, member] : value.items()) {
    if (has_other_bytes(member)) added[key + "_percent"] = percent_form(member);
    add_percent_forms(member);
  }
  for (auto& [key, member] : added) value[key] = std::move(member);
}

}  // namespace

std::string json_text(Json value) {
  add_percent_forms(value);
  return dump(value);
}

}  // namespace continuo::cli
