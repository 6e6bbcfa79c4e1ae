#pragma once

#include "../beat/shift_encoder.h"

namespace continuo::tokens {

// Time shifts, changes, and notes with their durations.
class TsdEncoder final : public ShiftEncoder {
 public:
  using ShiftEncoder::ShiftEncoder;
  void note(const GridNote& note) {
    reach(note.onset);
    write_note(note);
    sounds_until(note.end());
  }
};

}  // namespace continuo::tokens
