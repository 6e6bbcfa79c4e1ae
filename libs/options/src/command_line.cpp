#include <algorithm>
#include <optional>

#include "continuo/options/parse.h"
#include "continuo/options/suggest.h"

namespace continuo::options {
namespace {

Error misused(const std::string& what) { return {ErrorCode::invalid_argument, what, {}, {}}; }

Error unknown(const std::vector<Field>& fields, const std::string& word) {
  std::vector<std::string> known;
  for (const Field& field : fields) known.push_back(written(field, Syntax::kCommandLine));
  const auto meant = closest(word, known);
  return misused("no option " + word + (meant ? "; did you mean " + *meant + "?" : ""));
}

// One word that begins with a dash, taken apart.
struct Option {
  const Field* field = nullptr;
  std::string name;                  // as it is written
  std::optional<std::string> value;  // in the same word
};

Option take_apart(const std::vector<Field>& fields, const std::string& word) {
  Option option;
  if (word.starts_with("--")) {
    const auto equals = word.find('=');
    option.name = word.substr(0, equals);
    if (equals != std::string::npos) option.value = word.substr(equals + 1);
    const auto is_meant = [&](const Field& f) { return written(f, Syntax::kCommandLine) == option.name; };
    const auto found = std::find_if(fields.begin(), fields.end(), is_meant);
    if (found != fields.end()) option.field = &*found;
    return option;
  }
  option.name = word.substr(0, 2);
  if (word.size() > 2) option.value = word.substr(2);
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.letter == word[1]; });
  if (found != fields.end()) option.field = &*found;
  return option;
}

Status take_option(const Field& field, const std::string& value, Values& values) {
  if (values.given(field.name) && !field.repeats)
    return misused(written(field, Syntax::kCommandLine) + ": given twice");
  CONTINUO_TRY(check(field, value, Syntax::kCommandLine));
  values.give_more(field.name, value);
  return {};
}

}  // namespace

Result<CommandLine> parse_command_line(const std::vector<Field>& fields, std::span<const std::string> words) {
  CommandLine line;
  bool only_positionals = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (only_positionals || word.size() < 2 || word[0] != '-') {
      line.positionals.push_back(word);
      continue;
    }
    if (word == "--") {
      only_positionals = true;
      continue;
    }
    Option option = take_apart(fields, word);
    if (option.field == nullptr) return unknown(fields, option.name);
    if (!option.value && option.field->type == Type::kFlag) option.value = "true";
    if (!option.value && i + 1 < words.size() && !words[i + 1].starts_with("--")) option.value = words[++i];
    if (!option.value) return misused(option.name + ": the value is missing");
    CONTINUO_TRY(take_option(*option.field, *option.value, line.values));
  }
  return line;
}

}  // namespace continuo::options
