#pragma once

#include <span>
#include <string>
#include <vector>

#include "continuo/live/message.h"
#include "continuo/score/score.h"

namespace continuo::live {

// What was heard or played, of one part.
struct RecordedPart {
  std::string name;
  std::vector<TimedMessage> messages;  // in order of time; controllers but pedals are left out
  int program = 0;                     // General MIDI
};

// The parts as a score in clock time: at 120 quarters a minute, a tick being about a millisecond, the first message of
// all at 0. A note that has no end lasts until the last message.
score::Score recorded(std::span<const RecordedPart> parts);

}  // namespace continuo::live
