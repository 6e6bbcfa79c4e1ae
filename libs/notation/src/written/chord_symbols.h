#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace continuo::notation {

// The sound of a chord symbol: its pitches, lowest first; empty for "N.C."; nothing where it cannot be understood.
std::optional<std::vector<std::uint8_t>> chord_pitches(std::string_view symbol);

// Units: of both, whatever the caller counts in.
struct PlacedSymbol {
  std::int64_t offset;
  std::string_view text;
};
struct ChordSpan {
  std::int64_t begin, end;
  std::vector<std::uint8_t> pitches;
};

// Chord symbols as somebody plays them who sees nothing else: held to the next symbol or the end of the bar, and struck
// again in following bars without a symbol, until a break (a double bar, a repeat, an ending or a jump).
class ChordPlayer {
 public:
  // One bar, from its beginning. Requires: symbols sorted by offset.
  std::vector<ChordSpan> play(std::span<const PlacedSymbol> symbols, std::int64_t length, bool is_after_break);

 private:
  std::vector<std::uint8_t> sounding_;
};

}  // namespace continuo::notation
