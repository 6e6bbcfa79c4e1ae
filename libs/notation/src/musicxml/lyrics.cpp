#include <algorithm>

#include "score.h"

namespace continuo::notation::musicxml {
namespace {

// The number of a verse: "2", or what some programs write, such as "part1verse2".
int verse_in(std::string_view text) {
  const std::size_t before = text.find_last_not_of("0123456789");
  const auto number = number_in(text.substr(before == text.npos ? 0 : before + 1));
  return number ? static_cast<int>(std::max(*number, 1.0)) : 1;
}

}  // namespace

// Two syllables under one note have an <elision> between them, whose text is a sign to print.
std::optional<Syllable> syllable_of(const pugi::xml_node& lyric) {
  std::string text;
  std::string_view syllabic = "single";
  for (const pugi::xml_node& child : lyric.children()) {
    const std::string_view name = child.name();
    if (name == "text") text += child.text().get();
    if (name == "elision") text += " ";
    if (name == "syllabic") syllabic = trim(child.text().get());
  }
  text = clean_text(text.c_str());
  if (text.empty()) return std::nullopt;
  return Syllable{.text = std::move(text),
                  .ends_word = syllabic != "begin" && syllabic != "middle",
                  .verse = verse_in(lyric.attribute("number").value()),
                  .instrument = 0};
}

}  // namespace continuo::notation::musicxml
