#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::metrics {

// Units: ticks of 480 a quarter.
inline score::Note note(std::int64_t onset, std::int64_t duration, int pitch, int velocity = 80) {
  return {score::Ticks(onset), score::Ticks(duration), std::uint8_t(pitch), std::uint8_t(velocity)};
}

inline score::Score score_of(std::vector<score::Note> notes, bool is_drum = false) {
  score::Score score;
  score::Track track;
  track.is_drum = is_drum;
  track.notes = std::move(notes);
  score.tracks.push_back(std::move(track));
  return score;
}

}  // namespace continuo::metrics
