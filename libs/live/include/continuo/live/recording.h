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

// A moment that is known to be at a position on the beat, and the tempo from there on.
struct Anchor {
  Time at{};
  double position = 0;  // Units: quarters
  Time quarter{};
};

// The parts as a score, each note at the moment at which it was played: the tempo runs so that the anchors are at their
// positions, or whole bars later where more time has passed. The first note of all is in the first bar. A note that has
// no end lasts until the last message. Without anchors the tempo is that of the notation, whose program is not used.
// Requires: anchors in order of time.
score::Score recorded(std::span<const RecordedPart> parts, std::vector<Anchor> anchors, const PhraseNotation& notation);

}  // namespace continuo::live
