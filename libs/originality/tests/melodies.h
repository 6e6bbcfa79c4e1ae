#pragma once

#include <cstdint>

#include "continuo/base/rng.h"
#include "continuo/score/score.h"

namespace continuo::originality::testing {

// Notes of a track at random: intervals of up to a fifth, sixteenths to halves, now and then two at a time.
inline score::Track random_track(Rng& rng, int notes) {
  score::Track track;
  std::int64_t time = 0;
  int pitch = 60;
  for (int i = 0; i < notes; ++i) {
    const int step = int(rng.below(15)) - 7;
    pitch = pitch + step < 36 || pitch + step > 96 ? pitch - step : pitch + step;
    track.notes.push_back({score::Ticks(time), score::Ticks(120), std::uint8_t(pitch), 80});
    if (rng.below(8) > 0) time += std::int64_t{120} << rng.below(4);
  }
  return track;
}

inline score::Score random_piece(std::uint64_t seed, int tracks = 2, int notes = 120) {
  Rng rng(seed);
  score::Score piece;
  piece.ticks_per_quarter = 480;
  for (int i = 0; i < tracks; ++i) piece.tracks.push_back(random_track(rng, notes));
  piece.sort();
  return piece;
}

}  // namespace continuo::originality::testing
