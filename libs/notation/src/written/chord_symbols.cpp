#include "chord_symbols.h"

#include <algorithm>

#include "continuo/score/chord_symbols.h"

namespace continuo::notation {
namespace {

constexpr int kLowest = 48, kHighest = 67;  // C3 to G4

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
  const auto chord = score::read_chord_symbol(symbol);
  if (!chord) return std::nullopt;
  if (chord->is_silent) return std::vector<std::uint8_t>{};
  std::vector<int> pitch_classes = {chord->root};
  for (const int interval : chord->intervals) pitch_classes.push_back((chord->root + interval) % 12);
  return voice_chord(chord->bass, pitch_classes);
}

std::vector<ChordSpan> ChordPlayer::play(std::span<const PlacedSymbol> symbols, std::int64_t length,
                                         bool is_after_break) {
  std::vector<ChordSpan> spans;
  const auto strike = [&](std::int64_t begin, std::int64_t end) {
    if (begin < end && !sounding_.empty()) spans.push_back({begin, end, sounding_});
  };
  if (is_after_break) sounding_.clear();
  std::int64_t begin = 0;
  for (const PlacedSymbol& symbol : symbols) {
    const auto pitches = chord_pitches(symbol.text);
    if (!pitches) continue;
    if (symbol.offset > begin) strike(begin, symbol.offset);
    sounding_ = *pitches;
    begin = symbol.offset;
  }
  strike(begin, length);
  return spans;
}

}  // namespace continuo::notation
