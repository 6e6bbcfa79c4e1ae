#include "continuo/score/chord_symbols.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>

namespace continuo::score {
namespace {

constexpr std::array<std::string_view, 14> kNumbers = {"",  "1", "2", "3",  "4",  "5",  "6",
                                                       "7", "8", "9", "10", "11", "12", "13"};

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
                                   Quality{"aug9", {4, 8, 10, 14}},
                                   Quality{"m6/9", {3, 7, 9, 14}},
                                   Quality{"maj11", {7, 11, 14, 17}},
                                   Quality{"maj13", {4, 11, 14, 21}},
                                   Quality{"m11", {3, 7, 10, 14, 17}},
                                   Quality{"m13", {3, 10, 14, 21}},
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
  // A second one of a bass, which nothing follows.
  if (is_bass && text == "b") --pitch_class, text.remove_prefix(1);
  return (pitch_class + 12) % 12;
}

// One bracketed change of a chord, as of "7(b9)" or "m(add9)(no5)": a degree that is altered, added or left out.
bool change_degree(std::string_view change, std::vector<int>& intervals) {
  constexpr std::array<int, 14> kSemitones = {0, 0, 2, 4, 5, 7, 9, 10, 12, 14, 16, 17, 19, 21};
  const bool adds = change.starts_with("add"), leaves_out = change.starts_with("no");
  change.remove_prefix(adds ? 3 : leaves_out ? 2 : 0);
  int alteration = 0;
  if (!change.empty() && (change[0] == '#' || change[0] == 'b')) {
    alteration = change[0] == '#' ? 1 : -1;
    change.remove_prefix(1);
  }
  const auto degree = static_cast<std::size_t>(std::find(kNumbers.begin(), kNumbers.end(), change) - kNumbers.begin());
  if (degree == 0 || degree >= kNumbers.size()) return false;
  const int plain = kSemitones[degree];
  // A changed third, fifth or seventh takes the place of what is there.
  const bool replaces = !adds && (degree == 3 || degree == 5 || degree == 7);
  if (leaves_out || replaces) std::erase_if(intervals, [&](int interval) { return std::abs(interval - plain) <= 1; });
  if (!leaves_out) intervals.push_back(plain + alteration);
  return true;
}

// The intervals above the root that the name after the root asks for.
std::optional<std::vector<int>> intervals_of(std::string_view name) {
  const auto quality =
      std::find_if(kQualities.begin(), kQualities.end(), [&](const Quality& q) { return q.name == name; });
  if (quality != kQualities.end()) {
    std::vector<int> intervals;
    std::copy_if(quality->intervals.begin(), quality->intervals.end(), std::back_inserter(intervals),
                 [](int interval) { return interval > 0; });
    return intervals;
  }
  const std::size_t bracket = name.rfind('(');
  if (bracket == name.npos || !name.ends_with(')')) return std::nullopt;
  auto intervals = intervals_of(name.substr(0, bracket));
  name.remove_suffix(1);
  if (!intervals || !change_degree(name.substr(bracket + 1), *intervals)) return std::nullopt;
  return intervals;
}

}  // namespace

std::optional<NamedChord> read_chord_symbol(std::string_view symbol) {
  constexpr std::size_t kLongestSymbol = 64;
  if (symbol == "N.C." || symbol == "NC" || symbol == "N.C") return NamedChord{.is_silent = true};
  const auto root = take_pitch_class(symbol, false);
  if (!root || symbol.size() > kLongestSymbol) return std::nullopt;
  std::optional<int> bass;
  if (const std::size_t slash = symbol.rfind('/'); slash != symbol.npos && !symbol.ends_with("6/9")) {
    std::string_view name = symbol.substr(slash + 1);
    bass = take_pitch_class(name, true);
    if (!bass || !name.empty()) return std::nullopt;
    symbol = symbol.substr(0, slash);
  }
  auto intervals = intervals_of(symbol);
  if (!intervals) return std::nullopt;
  return NamedChord{.root = *root, .bass = bass.value_or(*root), .intervals = *std::move(intervals)};
}

}  // namespace continuo::score
