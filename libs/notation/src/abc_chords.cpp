#include <algorithm>

#include "abc_tune.h"

namespace continuo::notation::abc {
namespace {

constexpr int kLowest = 48, kHighest = 67;  // C3 to G4

struct Quality {
  std::string_view name;
  std::array<int, 5> intervals;  // above the root; 0 fills up
};

// "d" and "a" are the Nottingham Music Database's diminished and augmented.
constexpr std::array kQualities = {Quality{"", {4, 7}},
                                   Quality{"maj", {4, 7}},
                                   Quality{"M", {4, 7}},
                                   Quality{"m", {3, 7}},
                                   Quality{"min", {3, 7}},
                                   Quality{"-", {3, 7}},
                                   Quality{"7", {4, 7, 10}},
                                   Quality{"m7", {3, 7, 10}},
                                   Quality{"min7", {3, 7, 10}},
                                   Quality{"-7", {3, 7, 10}},
                                   Quality{"maj7", {4, 7, 11}},
                                   Quality{"M7", {4, 7, 11}},
                                   Quality{"Maj7", {4, 7, 11}},
                                   Quality{"ma7", {4, 7, 11}},
                                   Quality{"dim", {3, 6}},
                                   Quality{"d", {3, 6}},
                                   Quality{"o", {3, 6}},
                                   Quality{"dim7", {3, 6, 9}},
                                   Quality{"o7", {3, 6, 9}},
                                   Quality{"d7", {3, 6, 9}},
                                   Quality{"m7b5", {3, 6, 10}},
                                   Quality{"m7(b5)", {3, 6, 10}},
                                   Quality{"aug", {4, 8}},
                                   Quality{"+", {4, 8}},
                                   Quality{"a", {4, 8}},
                                   Quality{"aug7", {4, 8, 10}},
                                   Quality{"+7", {4, 8, 10}},
                                   Quality{"a7", {4, 8, 10}},
                                   Quality{"7#5", {4, 8, 10}},
                                   Quality{"7+", {4, 8, 10}},
                                   Quality{"7b5", {4, 6, 10}},
                                   Quality{"6", {4, 7, 9}},
                                   Quality{"m6", {3, 7, 9}},
                                   Quality{"min6", {3, 7, 9}},
                                   Quality{"sus", {5, 7}},
                                   Quality{"sus4", {5, 7}},
                                   Quality{"sus2", {2, 7}},
                                   Quality{"7sus4", {5, 7, 10}},
                                   Quality{"7sus", {5, 7, 10}},
                                   Quality{"5", {7}},
                                   Quality{"add9", {4, 7, 14}},
                                   Quality{"m(add9)", {3, 7, 14}},
                                   Quality{"9", {4, 7, 10, 14}},
                                   Quality{"m9", {3, 7, 10, 14}},
                                   Quality{"maj9", {4, 7, 11, 14}},
                                   Quality{"7b9", {4, 7, 10, 13}},
                                   Quality{"7#9", {4, 7, 10, 15}},
                                   Quality{"6/9", {4, 7, 9, 14}},
                                   Quality{"11", {7, 10, 14, 17}},
                                   Quality{"13", {4, 10, 14, 21}},
                                   Quality{"mM7", {3, 7, 11}},
                                   Quality{"m(maj7)", {3, 7, 11}}};

// A note's name at the front of `text`, and takes it away. Sharps are "#" or, for a bass, "+".
std::optional<int> take_pitch_class(std::string_view& text, bool is_bass) {
  constexpr std::array<int, 7> semitones = {9, 11, 0, 2, 4, 5, 7};
  if (text.empty()) return std::nullopt;
  char letter = text[0];
  if (is_bass && letter >= 'a' && letter <= 'g') letter = static_cast<char>(letter - 'a' + 'A');
  if (letter < 'A' || letter > 'G') return std::nullopt;
  int pitch_class = semitones[static_cast<std::size_t>(letter - 'A')];
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '#' || (is_bass && text[0] == '+')))
    ++pitch_class, text.remove_prefix(1);
  else if (!text.empty() && text[0] == 'b')
    --pitch_class, text.remove_prefix(1);
  return (pitch_class + 12) % 12;
}

// The bass in C3-B3, everything else in close position above it, an octave lower where that would leave the range.
std::vector<std::uint8_t> voice_chord(int bass, std::span<const int> pitch_classes) {
  std::vector<std::uint8_t> pitches = {static_cast<std::uint8_t>(kLowest + bass)};
  for (const int pitch_class : pitch_classes) {
    int pitch = kLowest + bass + (pitch_class - bass + 24) % 12;
    if (pitch > kHighest) pitch -= 12;
    if (pitch >= kLowest) pitches.push_back(static_cast<std::uint8_t>(pitch));
  }
  std::sort(pitches.begin(), pitches.end());
  pitches.erase(std::unique(pitches.begin(), pitches.end()), pitches.end());
  return pitches;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> chord_pitches(std::string_view symbol) {
  if (symbol == "N.C." || symbol == "NC" || symbol == "N.C") return std::vector<std::uint8_t>{};
  const auto root = take_pitch_class(symbol, false);
  if (!root) return std::nullopt;
  std::optional<int> bass;
  if (const std::size_t slash = symbol.rfind('/'); slash != symbol.npos && !symbol.ends_with("6/9")) {
    std::string_view name = symbol.substr(slash + 1);
    bass = take_pitch_class(name, true);
    if (!bass || !name.empty()) return std::nullopt;
    symbol = symbol.substr(0, slash);
  }
  const auto quality =
      std::find_if(kQualities.begin(), kQualities.end(), [&](const Quality& q) { return q.name == symbol; });
  if (quality == kQualities.end()) return std::nullopt;
  std::vector<int> pitch_classes = {*root};
  for (const int interval : quality->intervals) {
    if (interval > 0) pitch_classes.push_back((*root + interval) % 12);
  }
  return voice_chord(bass.value_or(*root), pitch_classes);
}

}  // namespace continuo::notation::abc
