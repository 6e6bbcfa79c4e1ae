#pragma once

#include <span>
#include <string>
#include <vector>

#include "continuo/live/message.h"
#include "continuo/live/phrase.h"
#include "continuo/score/score.h"

namespace continuo::live {

// What was heard or played, of one part.
struct RecordedPart {
  std::string name;
  std::vector<TimedMessage> messages;  // in order of time; controllers but pedals are left out
  int program = 0;                     // General MIDI
};

// The parts as a score of this tempo and meter, as they were played against it: the first note of all is at 0. A note
// that has no end lasts until the last message. Of `notation`, the program is not used.
score::Score recorded(std::span<const RecordedPart> parts, const PhraseNotation& notation);

}  // namespace continuo::live
