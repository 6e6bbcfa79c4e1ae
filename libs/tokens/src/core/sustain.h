#pragma once

#include <vector>

#include "continuo/score/score.h"

namespace continuo::tokens {

inline constexpr std::uint8_t kSustainController = 64;

struct PedalSpan {
  score::Ticks down, up;
  bool holds_ends_at_down = false;  // of notes that end in the tick in which it goes down
};
// When the track's pedal is down: in order of time, apart from one another.
std::vector<PedalSpan> pedal_spans(const score::Track& track);

// The track's notes as long as they sound with its sustain pedal (controller 64, down from 64 on): a note that ends
// while the pedal is down lasts until the pedal comes up or its pitch is struck again. One that ends in the tick in
// which the pedal goes down is held only if the pedal goes down first (score::TickPlace). A pedal that is never
// released comes up at the end of the track's last note. Sorted by onset, then pitch.
std::vector<score::Note> sustained_notes(const score::Track& track);

}  // namespace continuo::tokens
