#include "given_chords.h"

#include <algorithm>
#include <utility>

namespace continuo::generate {
namespace {

using score::BarChords;
using score::Chord;
using score::ChordSymbol;
using score::Ticks;

// The symbol in force at a time.
std::optional<Chord> chord_at(const std::vector<ChordSymbol>& symbols, Ticks time) {
  const auto next = std::ranges::upper_bound(symbols, time, {}, &ChordSymbol::onset);
  return next == symbols.begin() ? std::nullopt : score::nearest_chord(std::prev(next)->text);
}

// What is in force in the middle of the bar's first and second half, so that a symbol may be a little early or late.
BarChords chords_between(const std::vector<ChordSymbol>& symbols, Ticks begin, Ticks end, bool has_halves) {
  const std::int64_t quarter = (end - begin).value / 4;
  const auto first = chord_at(symbols, begin + Ticks(quarter)), second = chord_at(symbols, end - Ticks(quarter));
  if (has_halves && first != second) return {first, second};
  return {first};
}

}  // namespace

Status check_chords(const ComposeOptions& options, const tokens::TrackCells& cells) {
  const auto invalid = [](const char* what) { return Error{ErrorCode::invalid_argument, what}; };
  const double guidance = options.guidance.value_or(1);
  if (!(guidance >= 0 && guidance <= 10)) return invalid("the guidance must be from 0 to 10");
  const bool has_symbols = options.primer && !options.primer->chord_symbols.empty();
  const bool asks_for_chords = !options.chords.empty() || options.draws_chords;
  if (!options.chords.empty() && options.draws_chords) return invalid("chords are either given or drawn, not both");
  if (options.guidance && !asks_for_chords && !has_symbols && options.note_rules.notes_per_bar == 0)
    return invalid("guidance is for chords and notes a bar, and neither is asked for");
  if (!asks_for_chords || cells.has_chords()) return {};
  return invalid("the model has learned no chords; one whose tokenizer was made with '--with chords' has");
}

Status give_chords(const ComposeOptions& options, const tokens::TrackCells& cells, const score::Score& piece,
                   std::span<const Ticks> lines, CellPlan& plan) {
  plan.draws_chords = options.draws_chords;
  if (options.draws_chords) return {};
  const bool are_named = !piece.chord_symbols.empty() && cells.has_chords();
  if (options.chords.empty() && !are_named) return {};
  for (std::size_t i = plan.begin; i < plan.end; ++i) {
    const std::size_t asked = i - plan.begin;
    const bool has_halves = cells.has_halves(plan.bars[i].head);
    BarChords chords = options.chords.empty()
                           ? chords_between(piece.chord_symbols, lines[asked], lines[asked + 1], has_halves)
                           : options.chords[asked % options.chords.size()];
    if (chords.size() > 1 && !has_halves)
      return Error{ErrorCode::invalid_argument, "bar " + std::to_string(asked + 1) + " of the new ones has no halves " +
                                                    "for two chords; only bars of an even number of beats have"};
    plan.chords.push_back(std::move(chords));
  }
  return {};
}

// Tokens may count other bars than the score: what they begin before the region is named at its beginning.
void name_chords(const ComposeOptions& options, std::span<const BarChords> of_bars, std::span<const Ticks> lines,
                 Region region, score::Score& score) {
  if (options.chords.empty() && !options.draws_chords) return;
  std::erase_if(score.chord_symbols,
                [&](const ChordSymbol& symbol) { return symbol.onset >= region.begin && symbol.onset < region.end; });
  std::optional<ChordSymbol> before;
  std::vector<ChordSymbol> named;
  for (std::size_t i = 0; i < of_bars.size(); ++i) {
    const BarChords& chords = of_bars[i];
    for (std::size_t j = 0; j < chords.size(); ++j) {
      const Ticks onset = lines[i] + Ticks((lines[i + 1] - lines[i]).value * std::int64_t(j) / 2);
      const int fifths = score::fifths_at(score.key_signatures, onset);
      ChordSymbol symbol{onset, chords[j] ? score::symbol_of(*chords[j], fifths) : "N.C."};
      if (onset <= region.begin) before = ChordSymbol{region.begin, std::move(symbol.text)};
      if (onset > region.begin && onset < region.end) named.push_back(std::move(symbol));
    }
  }
  if (before) score.chord_symbols.push_back(*std::move(before));
  score.chord_symbols.insert(score.chord_symbols.end(), named.begin(), named.end());
  std::ranges::stable_sort(score.chord_symbols, {}, &ChordSymbol::onset);
}

}  // namespace continuo::generate
