#include "continuo/options/field.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "continuo/base/text.h"

namespace continuo::options {
namespace {

template <typename Number>
std::optional<Number> whole_text(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> number_in(const Field& field, std::string_view text) {
  if (field.type == Type::kReal) {
    const auto value = whole_text<double>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
  }
  if (const auto value = whole_text<std::int64_t>(text)) return static_cast<double>(*value);
  if (field.type == Type::kInteger) return std::nullopt;
  const auto value = whole_text<std::uint64_t>(text);
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

Error refused(const Field& field, Syntax syntax, const std::string& what) {
  return {ErrorCode::invalid_argument, written(field, syntax) + ": " + what, {}, {}};
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

Status check_number(const Field& field, std::string_view text, Syntax syntax) {
  const auto value = number_in(field, text);
  if (!value) {
    const char* const kind = field.type == Type::kReal ? " is not a number" : " is not a whole number";
    return refused(field, syntax, quoted(text) + kind);
  }
  const auto [least, most] = field.range;
  if (*value >= least && *value <= most) return {};
  if (std::isinf(most)) return refused(field, syntax, "must be at least " + number_text(least));
  if (std::isinf(least)) return refused(field, syntax, "must be at most " + number_text(most));
  return refused(field, syntax, "must be from " + number_text(least) + " to " + number_text(most));
}

Status check_choice(const Field& field, std::string_view text, Syntax syntax) {
  if (std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end()) return {};
  if (!field.or_extension.empty() && text.ends_with(field.or_extension)) return {};
  std::string known = joined(field.choices);
  if (!field.or_extension.empty()) known += ", and no " + field.or_extension + " file";
  return refused(field, syntax, quoted(text) + " is none of " + known);
}

}  // namespace

std::string written(const Field& field, Syntax syntax) {
  if (syntax == Syntax::kFile) return field.name;
  std::string text = "--" + field.name;
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

Status check(const Field& field, std::string_view text, Syntax syntax) {
  switch (field.type) {
    case Type::kFlag:
      return text == "true" || text == "false" ? Status() : refused(field, syntax, "must be true or false");
    case Type::kInteger:
    case Type::kUnsigned:
    case Type::kReal:
      return check_number(field, text, syntax);
    case Type::kChoice:
      return check_choice(field, text, syntax);
    case Type::kPath:
      // Before a shell has replaced it, an unset variable was a name. In a file it is an option that was not given.
      if (text.empty() && syntax == Syntax::kCommandLine) return refused(field, syntax, "must not be empty");
      return {};
    case Type::kText:
      return {};
  }
  return {};
}

const Field* find(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

std::vector<Field> in_group(std::string_view group, std::vector<Field> fields) {
  for (Field& field : fields) field.group = group;
  return fields;
}

std::string number_text(double value) {
  char text[64];
  const bool plain = std::abs(value) <= 1e15 && value == std::trunc(value);
  const auto result = plain ? std::to_chars(text, text + sizeof text, static_cast<std::int64_t>(value))
                            : std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace continuo::options
