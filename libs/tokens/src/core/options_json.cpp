#include "options_json.h"

#include <string>

namespace continuo::tokens {
namespace {

// The member of description["options"], or null.
const nlohmann::json* find_option(const nlohmann::json& description, std::string_view name) {
  if (!description.is_object()) return nullptr;
  const auto options = description.find("options");
  if (options == description.end() || !options->is_object()) return nullptr;
  const auto option = options->find(std::string(name));
  return option == options->end() ? nullptr : &*option;
}

Error bad_option(std::string_view name, std::string_view wanted) {
  return {ErrorCode::malformed, "the tokenizer's option '" + std::string(name) + "' is not " + std::string(wanted)};
}

}  // namespace

Result<int> int_option(const nlohmann::json& description, std::string_view name, int least, int most) {
  const nlohmann::json* option = find_option(description, name);
  const std::string wanted = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (option == nullptr || !option->is_number_integer()) return bad_option(name, wanted);
  if (option->is_number_unsigned() && option->get<std::uint64_t>() > std::uint64_t(most))
    return bad_option(name, wanted);
  const std::int64_t value = option->get<std::int64_t>();
  if (value < least || value > most) return bad_option(name, wanted);
  return int(value);
}

Result<bool> bool_option(const nlohmann::json& description, std::string_view name) {
  const nlohmann::json* option = find_option(description, name);
  if (option == nullptr || !option->is_boolean()) return bad_option(name, "true or false");
  return option->get<bool>();
}

}  // namespace continuo::tokens
