#pragma once

#include <optional>

#include "continuo/score/score.h"

namespace continuo::metrics {

// The measures of MusDr (Wu and Yang, "The Jazz Transformer on the Front Line", ISMIR 2020, arXiv 2008.01307), but for
// its structureness indicator: see structure_measures.h. MusDr reads its authors' tokens; here onsets go to the nearest
// of 64 places in their bar, as those tokens have them, whatever the meter. Nothing where a piece has no such bars or
// notes.
struct MusdrMeasures {
  // Mean entropy of the histograms of pitch classes of each bar, and of each four bars in a row; windows without
  // pitched notes do not count; a shorter piece is one window. Units: bits. Paper: H_1, H_4.
  std::optional<double> pitch_class_entropy_1, pitch_class_entropy_4;
  // 1 - mean normalised Hamming distance of the onsets of two bars, over all pairs of bars, of which MusDr draws 1,000.
  // Drums count. Paper: GS.
  std::optional<double> grooving_similarity;
  // Share of different ones among the trigrams of chords, as `inspect` hears a chord in each bar; bars without one do
  // not count. The paper's chords are of its tokens. Paper: CPI.
  std::optional<double> chord_irregularity;
};

// Errors: none.
MusdrMeasures musdr_measures(const score::Score& score);

}  // namespace continuo::metrics
