#include "continuo/options/help.h"

#include <algorithm>
#include <cmath>

namespace continuo::options {
namespace {

constexpr std::size_t kWidestLeft = 34;  // columns; what is wider has its explanation on the next line

// "-o, --output FILE"
std::string left_text(const Field& field) {
  const std::string dashes = field.letter != 0 ? std::string("-") + field.letter + ", " : "    ";
  return dashes + written(field, Syntax::kCommandLine) + (field.unit.empty() ? "" : " " + field.unit);
}

// What a line break should not part: a blank that wrapped() does not know.
constexpr char kUnbroken = '\x1f';
std::string unbroken(std::string text) {
  std::replace(text.begin(), text.end(), ' ', kUnbroken);
  return text;
}

std::string range_text(const Range& range) {
  const bool has_least = std::isfinite(range.least), has_most = std::isfinite(range.most);
  if (has_least && has_most) return unbroken(number_text(range.least) + " to " + number_text(range.most));
  if (has_least) return unbroken("at least " + number_text(range.least));
  return has_most ? unbroken("at most " + number_text(range.most)) : "";
}

std::string choices_text(const Field& field) {
  if (!field.choices_text.empty()) return field.choices_text;
  std::vector<std::string> all = field.choices;
  if (!field.or_extension.empty()) all.push_back("a " + field.or_extension + " file");
  return alternatives(all);
}

// " [0 to 10; default 1]"
std::string facts(const Field& field) {
  std::vector<std::string> all{choices_text(field), range_text(field.range)};
  if (field.required) all.emplace_back("required");
  if (field.repeats) all.emplace_back("can be given several times");
  if (!field.default_text.empty()) {
    all.push_back("default: " + field.default_text);
  } else if (!field.default_value.empty()) {
    all.push_back(unbroken("default " + field.default_value));
  }
  std::string text;
  for (const auto& fact : all) {
    if (!fact.empty()) text += (text.empty() ? "" : "; ") + fact;
  }
  return text.empty() ? "" : " [" + text + "]";
}

// Of the left texts that are not too wide.
std::size_t widest(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& row : rows) {
    if (row.first.size() <= kWidestLeft) width = std::max(width, row.first.size());
  }
  return width;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t used) {
  std::string out;
  std::size_t column = used;
  bool begins_line = true;
  const auto break_line = [&] {
    out += "\n" + std::string(indent, ' ');
    column = indent;
    begins_line = true;
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (!begins_line && column + 1 + word.size() > kHelpColumns) break_line();
    if (!begins_line) out += ' ', ++column;
    out += word;
    column += word.size();
    begins_line = false;
    if (end < text.size() && text[end] == '\n') break_line();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string two_columns(const Rows& rows, std::size_t left_width) {
  const std::size_t column = std::max(left_width, widest(rows)) + 4;
  std::string text;
  for (const auto& [left, right] : rows) {
    std::string line = "  " + left;
    if (line.size() + 2 > column) {
      text += line + "\n";
      line.clear();
    }
    line.resize(column, ' ');
    text += line + wrapped(right, column, column) + "\n";
  }
  return text;
}

std::string options_help(const std::vector<Field>& fields) {
  std::vector<std::pair<std::string, Rows>> groups;
  std::size_t width = 0;
  for (const Field& field : fields) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == field.group; });
    if (group == groups.end()) group = groups.insert(group, {field.group, {}});
    group->second.emplace_back(left_text(field), field.help + facts(field));
    width = std::max(width, widest(group->second));
  }
  std::string text;
  for (const auto& [group, rows] : groups)
    text += (text.empty() ? "" : "\n") + (group.empty() ? "Options" : group) + ":\n" + two_columns(rows, width);
  std::replace(text.begin(), text.end(), kUnbroken, ' ');
  return text;
}

}  // namespace continuo::options
