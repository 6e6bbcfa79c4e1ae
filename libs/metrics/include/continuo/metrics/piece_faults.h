#pragma once

#include "continuo/score/score.h"

namespace continuo::metrics {

// What a listener notices when a model fails. Music has some of it too: compare.
struct PieceFaults {
  // The most times that a bar with notes comes in a row: equal onsets, lengths, pitches and programs. 1: never again.
  int equal_bars = 0;
  double silent_quarters = 0;    // the longest silence between the first note and the end of the last. Units: quarters
  double longest_note_bars = 0;  // the longest note, in bars of the length of the one in which it begins
};

// Errors: none; a score without notes gives zeros.
PieceFaults piece_faults(const score::Score& score);

}  // namespace continuo::metrics
