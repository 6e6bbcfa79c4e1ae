#pragma once

#include <cstdint>
#include <vector>

#include "continuo/score/score.h"

#include "../core/grid_notes.h"
#include "remi_words.h"

namespace continuo::tokens {

// At most this many empty bars stand in a row.
inline constexpr int kMaxEmptyBars = 64;

// A measure. Units: positions since the start of the piece.
struct RemiBar {
  std::int64_t onset = 0;
  int meter = 0;  // index into the words' meters
};

struct RemiTempo {
  std::int64_t onset = 0;
  int tempo = 0;  // index into the words' tempos
};

// What remi encodes: a piece on its grid. Every list is in order of time; the first bar and tempo are at 0.
struct RemiPiece {
  std::vector<RemiBar> bars;
  std::vector<RemiTempo> tempos;  // each differs from the one before
  std::vector<GridNote> notes;    // voice: the program; velocity: that of a bin; duration: one of the words'
  int empty_bars_dropped = 0;
};

// Errors: those of check_score; too_large (beyond 1,000,000 quarter notes).
//
// Notes keep their time to the nearest position. Bar lines follow the time signatures, which move to the nearest
// sixteenth; a signature that is no word is replaced by ones that are and have the same length together (to a
// sixteenth), and a measure that the next signature cuts short gets the signature of its real length.
Result<RemiPiece> put_on_grid(const score::Score& score, const RemiWords& words);

// The same note lengths as put_on_grid() leaves: overlaps resolved, every duration a word.
void settle_notes(std::vector<GridNote>& notes, const RemiWords& words);

}  // namespace continuo::tokens
