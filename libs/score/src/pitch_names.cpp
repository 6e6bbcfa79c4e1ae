#include "continuo/score/pitch_names.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "continuo/base/text.h"

namespace continuo::score {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// "C", "F#", "Bb": 0 to 11; `text` keeps what follows.
std::optional<int> take_pitch_class(std::string_view& text) {
  constexpr std::string_view kLetters = "cdefgab";
  constexpr int kClasses[] = {0, 2, 4, 5, 7, 9, 11};
  if (text.empty()) return std::nullopt;
  const std::size_t letter = kLetters.find(lower(text.front()));
  if (letter == std::string_view::npos) return std::nullopt;
  text.remove_prefix(1);
  int pitch_class = kClasses[letter];
  for (; text.starts_with('#'); text.remove_prefix(1)) ++pitch_class;
  for (; text.starts_with('b'); text.remove_prefix(1)) --pitch_class;
  return ((pitch_class % 12) + 12) % 12;
}

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<int> in_range(int pitch) { return pitch >= 0 && pitch <= 127 ? std::optional(pitch) : std::nullopt; }

// The pitch classes of a scale above its first note.
struct Scale {
  std::string_view name;
  std::uint16_t classes;
};

constexpr std::uint16_t classes(std::initializer_list<int> steps) {
  unsigned bits = 0;
  for (const int step : steps) bits |= 1U << step;
  return static_cast<std::uint16_t>(bits);
}

constexpr Scale kScales[] = {
    {"major", classes({0, 2, 4, 5, 7, 9, 11})},          {"minor", classes({0, 2, 3, 5, 7, 8, 10})},
    {"harmonic minor", classes({0, 2, 3, 5, 7, 8, 11})}, {"melodic minor", classes({0, 2, 3, 5, 7, 9, 11})},
    {"dorian", classes({0, 2, 3, 5, 7, 9, 10})},         {"phrygian", classes({0, 1, 3, 5, 7, 8, 10})},
    {"lydian", classes({0, 2, 4, 6, 7, 9, 11})},         {"mixolydian", classes({0, 2, 4, 5, 7, 9, 10})},
    {"locrian", classes({0, 1, 3, 5, 6, 8, 10})},        {"pentatonic", classes({0, 2, 4, 7, 9})},
    {"minor pentatonic", classes({0, 3, 5, 7, 10})},     {"blues", classes({0, 3, 5, 6, 7, 10})},
    {"whole tone", classes({0, 2, 4, 6, 8, 10})},        {"chromatic", 0xFFF}};

}  // namespace

std::optional<int> find_pitch(std::string_view name) {
  if (const auto number = whole_number(name)) return in_range(*number);
  const auto pitch_class = take_pitch_class(name);
  const auto octave = whole_number(name);
  if (!pitch_class || !octave || *octave < -1 || *octave > 9) return std::nullopt;
  return in_range(12 * (*octave + 1) + *pitch_class);
}

std::optional<std::uint16_t> find_scale(std::string_view name) {
  const auto first = take_pitch_class(name);
  if (!first) return std::nullopt;
  const bool is_short = name.empty() || name == "m";
  while (name.starts_with(' ')) name.remove_prefix(1);
  std::string wanted = lower_case(name);
  if (is_short) wanted = name.empty() ? "major" : "minor";
  const auto scale = std::ranges::find(kScales, std::string_view(wanted), &Scale::name);
  if (scale == std::end(kScales)) return std::nullopt;
  const unsigned turned = unsigned{scale->classes} << *first;
  return static_cast<std::uint16_t>((turned | turned >> 12) & 0xFFFU);
}

std::optional<KeySignature> find_key(std::string_view name) {
  constexpr std::string_view kByFifths = "fcgdaeb";  // F has one flat
  if (name.empty()) return std::nullopt;
  const std::size_t letter = kByFifths.find(lower(name.front()));
  if (letter == std::string_view::npos) return std::nullopt;
  KeySignature key{.fifths = static_cast<int>(letter) - 1};
  name.remove_prefix(1);
  if (name.starts_with('#') || name.starts_with('b')) {
    key.fifths += name.front() == '#' ? 7 : -7;
    name.remove_prefix(1);
  }
  const bool is_short_minor = name == "m";
  while (name.starts_with(' ')) name.remove_prefix(1);
  const std::string mode = lower_case(name);
  if (!mode.empty() && mode != "major" && mode != "minor" && !is_short_minor) return std::nullopt;
  key.is_minor = is_short_minor || mode == "minor";
  if (key.is_minor) key.fifths -= 3;
  return key.fifths >= -7 && key.fifths <= 7 ? std::optional(key) : std::nullopt;
}

std::uint16_t pitch_classes_of(const KeySignature& key) {
  constexpr unsigned kMajor = classes({0, 2, 4, 5, 7, 9, 11});
  const int major_root = ((7 * key.fifths) % 12 + 12) % 12;
  unsigned turned = kMajor << major_root;
  if (key.is_minor) turned |= 1U << ((major_root + 8) % 12);
  return static_cast<std::uint16_t>((turned | turned >> 12) & 0xFFFU);
}

std::string scale_names() {
  std::string names;
  for (const Scale& scale : kScales) names += (names.empty() ? "" : ", ") + std::string(scale.name);
  return names;
}

}  // namespace continuo::score
