#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::originality {

inline constexpr std::int64_t kTimesPerQuarter = 48;

// A note as passages are compared by it: pitches for what they are, times for where they are.
struct LineNote {
  std::int64_t time = 0;  // of its onset. Units: kTimesPerQuarter
  std::int32_t bar = 0;   // in which it begins, counted from 0
  std::uint8_t pitch = 0;
};

// The notes of a track in the order in which they begin, those of one time from the lowest up; a key that is struck
// twice at one time counts once.
struct NoteLine {
  std::size_t track = 0;  // index into the score's tracks
  std::vector<LineNote> notes;

  std::vector<std::uint8_t> pitches() const {
    std::vector<std::uint8_t> pitches;
    for (const LineNote& note : notes) pitches.push_back(note.pitch);
    return pitches;
  }
};

// Of each track that has notes. Drums have none: that two beats have the same hits says nothing.
std::vector<NoteLine> note_lines(const score::Score& piece);

}  // namespace continuo::originality
