#include "form.h"

#include <array>
#include <string>
#include <utility>

namespace continuo::generate {
namespace {

struct Section {
  char letter = 'A';
  bool is_varied = false;
};

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

Result<std::vector<Section>> read_sections(std::string_view form) {
  std::vector<Section> sections;
  for (const char c : form) {
    if (c == ' ') continue;
    if (c == '\'' && !sections.empty()) {
      sections.back().is_varied = true;
    } else if (c >= 'A' && c <= 'Z') {
      sections.push_back({.letter = c});
    } else {
      return invalid("a form is written with the letters of its sections, such as AABA or AABA'");
    }
  }
  if (sections.empty()) return invalid("a form has a section at least");
  return sections;
}

}  // namespace

Result<RepeatedBars> bars_of_form(std::string_view form, std::size_t bars) {
  CONTINUO_ASSIGN(const std::vector<Section> sections, read_sections(form));
  const std::size_t length = bars / sections.size();
  if (length == 0 || length * sections.size() != bars)
    return invalid(std::to_string(bars) + " bars are not " + std::to_string(sections.size()) +
                   " sections of equal length");
  RepeatedBars repeated;
  std::array<std::optional<std::size_t>, 26> first;  // bar of the section of each letter
  for (const Section& section : sections) {
    std::optional<std::size_t>& known = first[std::size_t(section.letter - 'A')];
    const std::size_t begin = repeated.size();
    for (std::size_t i = 0; i < length; ++i) {
      const bool is_new = !known || (section.is_varied && 2 * i >= length);
      repeated.push_back(is_new ? std::nullopt : std::optional(*known + i));
    }
    if (!known) known = begin;
  }
  return repeated;
}

}  // namespace continuo::generate
