#include "word_traits.h"

namespace continuo::tokens {

TokenTraits word_traits(Word word) {
  switch (word.kind) {
    case WordKind::kBar:
      return {.bars = 1, .bar_comes_first = true, .advances_time = true};
    case WordKind::kTimeSignature:
    case WordKind::kTempo:
      return {.sets_timing = true};
    case WordKind::kPosition:
      return {.advances_time = word.value > 0};
    case WordKind::kTimeShift:
    case WordKind::kRest:
      return {.advances_time = true};
    case WordKind::kProgram:
    case WordKind::kPart:
    case WordKind::kPitchEnd:
    case WordKind::kDrumPitchEnd:
    case WordKind::kDuration:
      return {.part_of_note = true};
    case WordKind::kVelocity:
      return {.part_of_note = true, .touch = Touch::kLoudness};
    case WordKind::kMicroTiming:
      return {.part_of_note = true, .touch = Touch::kTiming};
    case WordKind::kPitch:
    case WordKind::kDrumPitch:
      return {.part_of_note = true, .strikes = true};
    case WordKind::kNone:
    case WordKind::kKey:
    case WordKind::kPedal:
    case WordKind::kPedalEnd:
    case WordKind::kPitchBend:
    case WordKind::kChord:
    case WordKind::kTrack:
    case WordKind::kFamily:
    case WordKind::kIgnore:
    case WordKind::kBarNumber:
    case WordKind::kPlace:
    case WordKind::kTask:
      return {};
  }
  return {};
}

}  // namespace continuo::tokens
