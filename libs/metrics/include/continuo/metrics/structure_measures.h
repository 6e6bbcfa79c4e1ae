#pragma once

#include <optional>

#include "continuo/score/score.h"

namespace continuo::metrics {

// How well some passage of a length explains the whole piece by coming back: the largest fitness of the passages of 3
// to 8, 8 to 15, and 15 seconds and more. Range: 0 (none comes back) to 1. Nothing where the piece is shorter than
// that, or has no pitched notes. Of longer pieces the first three minutes are measured.
//
// MusDr's structureness indicator, SI (Wu and Yang, ISMIR 2020, section 4), by the steps and constants of libfmp's
// notebooks C4 (Mueller, "Fundamentals of Music Processing", 2nd edition, section 4.3), to which it is held. MusDr
// takes pitch classes from audio, here they are those of the notes, so compare only what is measured alike:
// 1. In frames of half a second, how long notes of each pitch class sound; means over nine frames; norm 1.
// 2. Products of any two frames, the mean along 16 of them forwards or backwards, the largest over 12 transpositions.
// 3. The largest 15 % of these are scaled to 0 to 1, others are -2, and a frame is 1 to itself.
// 4. The fitness of each passage: the harmonic mean of how similar its repetitions are, and of the share of the piece
//    that they cover, both without the passage itself.
struct StructureMeasures {
  std::optional<double> structureness_short, structureness_mid, structureness_long;
};

// Errors: none. Takes a second or two for three minutes of music, the fourth power of which it grows with.
StructureMeasures structure_measures(const score::Score& score);

}  // namespace continuo::metrics
