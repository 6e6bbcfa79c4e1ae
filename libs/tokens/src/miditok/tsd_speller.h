#pragma once

#include "../beat/shift_speller.h"

namespace continuo::tokens {

// Time shifts, changes, and notes with their durations.
class TsdSpeller final : public ShiftSpeller {
 public:
  using ShiftSpeller::ShiftSpeller;
  void note(const GridNote& note) {
    reach(note.onset);
    say_note(note);
    sounds_until(note.end());
  }
};

}  // namespace continuo::tokens
