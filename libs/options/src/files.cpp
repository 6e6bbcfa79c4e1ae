#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include <toml++/toml.h>

#include "continuo/base/file.h"
#include "continuo/json/strict_parse.h"
#include "continuo/options/parse.h"
#include "continuo/options/suggest.h"

namespace continuo::options {
namespace {

constexpr std::uint64_t kFileLimit = std::uint64_t{1} << 20;

// The field of a key that a file holds.
Result<const Field*> field_of(const std::vector<Field>& fields, const std::string& key) {
  if (const Field* field = find(fields, key)) return field;
  std::vector<std::string> known;
  for (const Field& field : fields) known.push_back(field.name);
  const auto meant = closest(key, known);
  return Error{
      ErrorCode::invalid_argument, "no option '" + key + "'" + (meant ? "; did you mean " + *meant + "?" : ""), {}, {}};
}

bool takes_text(const Field& field) {
  return field.type == Type::kText || field.type == Type::kPath || field.type == Type::kChoice;
}

// Some whole numbers do not fit TOML's 64 bits with a sign.
bool may_be_quoted(const Field& field) { return field.type == Type::kUnsigned; }

std::string real_text(double value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

// A value of a file as the text that check() reads. Nothing where it is of another type than the field.
std::optional<std::string> text_of(const Field& field, const toml::node& node) {
  if (const auto* text = node.as_string(); text != nullptr && (takes_text(field) || may_be_quoted(field)))
    return text->get();
  if (takes_text(field)) return std::nullopt;
  if (const auto* flag = node.as_boolean(); flag != nullptr && field.type == Type::kFlag)
    return flag->get() ? "true" : "false";
  if (field.type == Type::kFlag) return std::nullopt;
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* real = node.as_floating_point(); real != nullptr && field.type == Type::kReal)
    return real_text(real->get());
  return std::nullopt;
}

std::optional<std::string> text_of(const Field& field, const nlohmann::json& value) {
  if (value.is_string() && (takes_text(field) || may_be_quoted(field))) return value.get<std::string>();
  if (takes_text(field)) return std::nullopt;
  if (value.is_boolean() && field.type == Type::kFlag) return value.get<bool>() ? "true" : "false";
  if (field.type == Type::kFlag) return std::nullopt;
  if (value.is_number_integer()) return value.dump();
  if (value.is_number_float() && field.type == Type::kReal) return real_text(value.get<double>());
  return std::nullopt;
}

template <typename Node>
Status take_one(const Field& field, const Node& node, Values& values) {
  const auto text = text_of(field, node);
  if (!text) return Error{ErrorCode::invalid_argument, field.name + ": the value is of another type", {}, {}};
  CONTINUO_TRY(check(field, *text, Syntax::kFile));
  values.give_more(field.name, *text);
  return {};
}

// One value, or of a field that repeats a list of them.
Status take(const Field& field, const toml::node& node, Values& values) {
  const toml::array* list = node.as_array();
  if (list == nullptr || !field.repeats) return take_one(field, node, values);
  for (const toml::node& element : *list) CONTINUO_TRY(take_one(field, element, values));
  return {};
}

Status take(const Field& field, const nlohmann::json& value, Values& values) {
  if (!value.is_array() || !field.repeats) return take_one(field, value, values);
  for (const nlohmann::json& element : value) CONTINUO_TRY(take_one(field, element, values));
  return {};
}

Error at_line(Error error, const toml::source_region& source) {
  error.where = "line " + std::to_string(source.begin.line);
  return error;
}

}  // namespace

Result<Values> parse_toml(const std::vector<Field>& fields, std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return at_line({ErrorCode::malformed, std::string(error.description()), {}, {}}, error.source());
  }
  Values values;
  for (const auto& [key, node] : table) {
    const auto field = field_of(fields, std::string(key.str()));
    if (!field.ok()) return at_line(field.error(), key.source());
    if (const Status taken = take(**field, node, values); !taken.ok()) return at_line(taken.error(), node.source());
  }
  return values;
}

Result<Values> parse_json(const std::vector<Field>& fields, std::string_view text) {
  CONTINUO_ASSIGN(const auto object, json::parse_json_strictly(text, json::JsonLimits{}));
  if (!object.is_object()) return Error{ErrorCode::malformed, "is not a JSON object", {}, {}};
  Values values;
  for (const auto& [key, value] : object.items()) {
    CONTINUO_ASSIGN(const Field* field, field_of(fields, key));
    CONTINUO_TRY(take(*field, value, values));
  }
  return values;
}

Result<Values> parse_file(const std::vector<Field>& fields, const std::filesystem::path& file) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(file, kFileLimit));
  auto values = file.extension() == ".json" ? parse_json(fields, text) : parse_toml(fields, text);
  if (!values.ok()) return values.error().in_file(file.string());
  return values;
}

}  // namespace continuo::options
