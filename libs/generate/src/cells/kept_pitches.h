#pragma once

#include <cstddef>
#include <vector>

#include "continuo/base/rng.h"

#include "note_words.h"

namespace continuo::generate {

// A cell that keeps the pitches of its notes, in their order, and gets a new rhythm.
//
// Notes of one place rise, so a pitch that does not rise needs a later place. What is left out is whatever would leave
// fewer places in the bar than the pitches to come need: so no pitch is ever left over, and a cell ends exactly when
// all have been struck.
class KeptPitches {
 public:
  // `strength`: the chance of each note to get a new place and length. Range: 0 to 1
  KeptPitches(const tokens::TrackCells& cells, std::vector<NoteWords> old, double strength, Rng& rng);

  // Takes out of `legal`, what the grammar allows, the words that would not keep the pitches.
  void limit(std::span<std::uint8_t> legal) const;
  void take(TokenId token);

 private:
  // As many places as the pitches to come need when the next one begins a place.
  std::size_t places_needed() const;
  void limit_positions(std::span<std::uint8_t> legal) const;

  const tokens::TrackCells& cells_;
  std::vector<NoteWords> old_;
  std::vector<std::uint8_t> stays_;  // of each note: whether its rhythm is kept too
  std::size_t next_ = 0;             // note
  CellPlace place_;
};

}  // namespace continuo::generate
