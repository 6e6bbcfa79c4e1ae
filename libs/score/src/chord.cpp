#include "continuo/score/chord.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>
#include <utility>

#include "continuo/score/chord_symbols.h"

#include "chord_kinds.h"

namespace continuo::score {
namespace {

constexpr std::size_t kMostChordsOfABar = 2;

// Sound inside the chord less sound outside it, less a little for each note that it has and the music does not. 0 where
// too few of its notes sound: two could be of many chords.
double fit(const PitchClassTimes& times, double total, Chord chord) {
  constexpr int kFewestNotes = 3;
  const unsigned mask = kChordKinds[std::size_t(chord.kind)].mask;
  double inside = 0.0;
  int missing = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    if (((mask >> i) & 1U) == 0) continue;
    const double sound = times[(std::size_t(chord.root) + i) % 12];
    inside += sound;
    if (sound < 0.05 * total) ++missing;
  }
  if (std::popcount(mask) - missing < kFewestNotes) return 0.0;
  const double root_share = times[std::size_t(chord.root)] / total;
  return 2.0 * inside / total - 1.0 - 0.25 * missing + 0.1 * root_share - 0.05 * std::popcount(mask);
}

// Of a symbol that is understood: the kind on the same root that shares most notes with it, and has fewest besides.
Chord nearest_to(const NamedChord& named) {
  unsigned mask = 1;
  for (const int interval : named.intervals) mask |= 1U << (interval % 12);
  const auto distance = [mask](const ChordKind& kind) { return std::popcount(mask ^ kind.mask); };
  const auto kinds = std::span(kChordKinds).first(std::size_t(Chord::kKinds));
  return {.root = named.root, .kind = int(std::ranges::min_element(kinds, {}, distance) - kinds.begin())};
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(at), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return parts;
}

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

Result<std::optional<Chord>> chord_of(std::string_view symbol) {
  const auto named = read_chord_symbol(symbol);
  if (!named) return invalid("'" + std::string(symbol) + "' is no chord; a chord is written like Am, F#m7 or Bdim");
  return named->is_silent ? std::nullopt : std::optional(nearest_to(*named));
}

// "♯" and "♭" as they are typed.
std::string plain_accidentals(std::string_view text) {
  std::string plain(text);
  for (const auto& [printed, typed] : {std::pair("\u266F", "#"), std::pair("\u266D", "b")})
    for (std::size_t at = plain.find(printed); at != std::string::npos; at = plain.find(printed, at + 1))
      plain.replace(at, 3, typed);
  return plain;
}

// `before`: the bars that have been read.
Result<BarChords> read_bar(std::span<const std::string_view> symbols, const std::vector<BarChords>& before) {
  if (symbols.size() == 1 && symbols[0] == "%") {
    if (before.empty()) return invalid("'%' repeats the bar before, and there is none");
    return before.back();
  }
  const std::string place = "bar " + std::to_string(before.size() + 1) + ": ";
  if (symbols.size() > kMostChordsOfABar) return invalid(place + "a bar has one chord, or two, one for each half");
  if (std::ranges::find(symbols, "%") != symbols.end())
    return invalid(place + "'%' stands for a whole bar, with no chord beside it");
  BarChords bar;
  for (const std::string_view symbol : symbols) {
    CONTINUO_ASSIGN(const auto chord, chord_of(symbol));
    bar.push_back(chord);
  }
  return bar;
}

}  // namespace

std::string symbol_of(Chord chord, int fifths) {
  return pitch_class_name(std::size_t(chord.root), fifths) + kChordKinds[std::size_t(chord.kind)].suffix;
}

std::uint16_t pitch_classes(Chord chord) {
  const unsigned turned = kChordKinds[std::size_t(chord.kind)].mask << chord.root;
  return std::uint16_t((turned | turned >> 12) & 0xFFFU);
}

std::optional<Chord> nearest_chord(std::string_view symbol) {
  const auto chord = chord_of(symbol);
  return chord.ok() ? *chord : std::nullopt;
}

Result<std::vector<BarChords>> read_progression(std::string_view text) {
  constexpr std::string_view kBetween = ", \t\n";
  const bool has_bar_lines = text.find('|') != std::string_view::npos;
  const std::string plain = plain_accidentals(text);
  std::vector<BarChords> bars;
  for (const std::string_view part : split(plain, has_bar_lines ? "|" : kBetween)) {
    const auto symbols = split(part, kBetween);
    if (symbols.empty()) continue;
    CONTINUO_ASSIGN(BarChords bar, read_bar(symbols, bars));
    bars.push_back(std::move(bar));
  }
  if (bars.empty()) return invalid("a progression has a chord at least, such as \"Am F C G\"");
  return bars;
}

std::optional<ChordFit> best_chord(const PitchClassTimes& times) {
  const double total = std::accumulate(times.begin(), times.end(), 0.0);
  ChordFit best;
  for (int root = 0; root < 12; ++root) {
    for (int kind = 0; kind < Chord::kKinds; ++kind) {
      const ChordFit next{.chord = {.root = root, .kind = kind}, .fit = fit(times, total, {root, kind})};
      if (next.fit > best.fit + 1e-9) best = next;
    }
  }
  return best.fit > 0 ? std::optional(best) : std::nullopt;
}

}  // namespace continuo::score
