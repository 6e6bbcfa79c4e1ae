#pragma once

#include <vector>

#include "continuo/base/result.h"
#include "continuo/live/message.h"
#include "continuo/score/score.h"

namespace continuo::live {

// A score as the channel messages that play it, in order of time, 0 being its first tick: the events of the MIDI file
// that it would be written to, so that tracks have the same channels there and here.
// Errors: those of notation::midi_from_score().
Result<std::vector<TimedMessage>> schedule(const score::Score& score);

// Of a schedule what sounds from `start` on, 0 being that moment: programs, controllers and bends as they are then, and
// the notes that begin at or after it.
std::vector<TimedMessage> from(const std::vector<TimedMessage>& schedule, Time start);

}  // namespace continuo::live
