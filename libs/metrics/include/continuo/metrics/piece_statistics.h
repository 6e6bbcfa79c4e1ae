#pragma once

#include <array>

#include "continuo/score/score.h"

namespace continuo::metrics {

// What a piece is like in a few numbers, to lay composed music beside the data. Drums count for density, polyphony,
// groove, velocity and duration, and not for what has to do with pitch. Shares of time are of musical time.
struct PieceStatistics {
  std::size_t notes = 0;
  double seconds = 0;
  double bars = 0;  // measures to the end of the last note, the last one counted whole
  double notes_per_second = 0;
  double notes_per_bar = 0;
  // Mean number of notes sounding, over the time in which any sounds (MusPy "polyphony", arXiv 2008.01951).
  double polyphony = 0;
  // Share of sounding time with more than one note.
  double polyphony_rate = 0;
  std::array<double, 12> pitch_classes{};  // shares of notes, C first
  // Of that histogram. Units: bits. Range: 0 to log2 12 = 3.585. Source: MusPy; Wu and Yang, ISMIR 2020.
  double pitch_class_entropy = 0;
  // Largest share of notes within one major or natural minor scale, over the 24. Source: MusPy, MuseGAN.
  double scale_consistency = 0;
  // 1 - mean normalised Hamming distance of neighbouring bars' onset grids (16 a bar); 1 for a single bar. Source:
  // MusPy; we differ in taking the nearest of 16 places in each bar, whatever its meter, since people play early, too.
  double groove_consistency = 0;
  double pitch_mean = 0, pitch_range = 0;
  double velocity_mean = 0, velocity_deviation = 0;
  double duration_mean_quarters = 0;
};

// Errors: none; a score without notes gives zeros.
PieceStatistics piece_statistics(const score::Score& score);

}  // namespace continuo::metrics
