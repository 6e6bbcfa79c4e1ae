#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "continuo/score/score.h"

namespace continuo::metrics {

// The features of mgeval (Yang and Lerch, "On the evaluation of generative models in music", Neural Computing and
// Applications 32, 2020), by which sets of pieces are compared: see set_comparison.h. mgeval looks at the first or
// second track of a file alone and was written for melodies; here all pitched tracks count, each for itself where notes
// follow one another.
struct MgevalFeatures {
  static constexpr std::size_t kLengths = 12;
  double pitch_count = 0;  // different pitches
  double note_count = 0;
  double pitch_range = 0;     // semitones
  double pitch_interval = 0;  // mean distance of consecutive notes of a track. Units: semitones
  // Mean time from one onset to the next, over all notes of the piece, drums too; equal onsets are 0 apart. Units:
  // seconds
  double inter_onset_interval = 0;
  std::array<double, 12> pitch_classes{};  // shares of sounding time
  // Counts of pairs of notes of a track where the first ends within 50 ms of the beginning of the second
  // (pretty_midi's transition matrix). Shape: [from, to]
  std::array<double, 144> pitch_transitions{};
  // Shares of notes, each of the nearest length: whole, half, quarter, eighth, sixteenth; the same dotted but for the
  // whole; half, quarter and eighth of a triplet; where the bar in which it begins is the whole.
  std::array<double, kLengths> note_lengths{};
  // Counts of consecutive notes of a track. Shape: [from, to]
  std::array<double, kLengths * kLengths> length_transitions{};
};

// Errors: none; a score without pitched notes gives zeros.
MgevalFeatures mgeval_features(const score::Score& score);

// One feature as a vector, by its name.
struct MgevalFeature {
  std::string_view name;
  std::span<const double> (*values)(const MgevalFeatures&);
};
inline constexpr std::size_t kMgevalFeatures = 9;
std::span<const MgevalFeature, kMgevalFeatures> mgeval_feature_list();

}  // namespace continuo::metrics
