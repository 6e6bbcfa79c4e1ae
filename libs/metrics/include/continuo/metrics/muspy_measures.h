#pragma once

#include <optional>

#include "continuo/score/score.h"

namespace continuo::metrics {

// The measures of MusPy 0.5 (Dong et al., "MusPy: A Toolkit for Symbolic Music Generation", arXiv 2008.01951), equal to
// what that package computes (bench/peers/metrics_parity.py). What MusPy does not define for a piece has no value.
//
// Its names are kept, and so is what they hide. Time is counted in ticks. A beat is a quarter. All measures are as long
// as a bar of the first time signature, 4/4 by default, even where the signature changes. A beat or measure at whose
// very beginning a note ends counts as one with a note. A piece lasts to the end of its last note, drums included,
// which matters to polyphony_rate, empty beats and measures, and groove. Drums are left out but where stated.
struct MuspyMeasures {
  int n_pitches_used = 0;
  int n_pitch_classes_used = 0;
  int pitch_range = 0;  // 0 without pitched notes, where MusPy has -127 if there are drums
  // Shares of beats and of measures without a note. Drums count.
  std::optional<double> empty_beat_rate, empty_measure_rate;
  // Mean number of pitches sounding, over the time in which any sounds. A pitch in two tracks counts once.
  std::optional<double> polyphony;
  // Share of the piece's time with more than two pitches: MusPy's default threshold of 2, which it takes to be
  // excluded.
  std::optional<double> polyphony_rate;
  // Largest share of notes within one major or natural minor scale.
  std::optional<double> scale_consistency;
  // Of drums alone: the larger of the shares of notes on quarters of a beat and on thirds of a beat.
  std::optional<double> drum_pattern_consistency;
  // Units: bits, of the histograms of notes.
  std::optional<double> pitch_entropy, pitch_class_entropy;
  // 1 - mean normalised Hamming distance of neighbouring measures' onsets at the resolution of ticks. Drums count.
  std::optional<double> groove_consistency;
};

// Errors: none.
MuspyMeasures muspy_measures(const score::Score& score);

}  // namespace continuo::metrics
