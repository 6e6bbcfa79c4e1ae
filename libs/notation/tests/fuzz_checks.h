#pragma once

#include <cstdint>
#include <string>

#include "continuo/notation/midi_writer.h"
#include "continuo/score/bar_grid.h"

namespace continuo::notation {

// What must hold of a score that a reader has made of any bytes at all: values in range, and MIDI that can be written.
// Returns what does not hold, or nothing.
inline std::string violation_of(const score::Score& score, std::int64_t shortest_note) {
  if (score.ticks_per_quarter < 1 || score.ticks_per_quarter > 32767) return "ticks out of range";
  for (const score::Track& track : score.tracks) {
    for (const score::Note& n : track.notes) {
      if (n.onset.value < 0 || n.duration.value < shortest_note) return "a note before the beginning or without length";
      if (n.pitch > 127 || n.velocity < 1 || n.velocity > 127) return "a note out of range";
    }
  }
  if (score::BarGrid(score).bars().empty()) return "no bars";
  constexpr std::int64_t kLongest = std::int64_t{1} << 28;  // that MIDI's variable lengths hold
  if (score.end().value >= kLongest) return "";
  const auto midi = write_midi(score);
  return midi.ok() ? "" : "cannot be written: " + midi.error().to_line();
}

}  // namespace continuo::notation
