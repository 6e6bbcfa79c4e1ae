#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::generate::testing {

using score::Note;
using score::Score;
using score::Ticks;

inline constexpr std::int64_t kQuarter = 384, kBar = 3 * kQuarter;  // Units: ticks of band_piece

// A piece in 3/4 for two pianos, bass and drums, and a track without notes, off the grid by some ticks.
inline Score band_piece(int bars) {
  Score piece;
  piece.ticks_per_quarter = kQuarter;
  piece.tempos = {{Ticks(0), 600000}};
  piece.time_signatures = {{Ticks(0), 3, 4}};
  const int programs[] = {0, 33, 0, 40, 0};
  for (int t = 0; t < 5; ++t) {
    score::Track track{.name = "T" + std::to_string(t), .program = std::uint8_t(programs[t]), .is_drum = t == 4};
    track.controls = {{Ticks(5), 7, std::uint8_t(100 + t)}};
    for (std::int64_t beat = 0; t != 3 && beat < 3 * bars; ++beat) {
      if ((beat + t) % 4 == 0) continue;
      track.notes.push_back({Ticks(kQuarter * beat + (beat + t) % 3), Ticks(kQuarter + 100),
                             std::uint8_t(40 + 5 * t + beat % 7), std::uint8_t(60 + t)});
    }
    piece.tracks.push_back(track);
  }
  return piece;
}

// The notes that do not begin in [begin, end).
inline std::vector<Note> notes_outside(const score::Track& track, std::int64_t begin, std::int64_t end) {
  std::vector<Note> notes;
  std::ranges::copy_if(track.notes, std::back_inserter(notes),
                       [&](const Note& note) { return note.onset.value < begin || note.onset.value >= end; });
  return notes;
}

}  // namespace continuo::generate::testing
