#pragma once

#include <array>
#include <cstdint>

#include "continuo/base/token_id.h"

namespace continuo::tokens {

// The words of a tokenisation that is a stream of keys going down and up on a clock. Loudness holds for all notes that
// follow, and has a word where it changes, right before a key goes down.
struct EventWords {
  TokenId key_down = 0, key_up = 0;  // + MIDI key
  TokenId wait = 0;                  // + steps - 1
  int longest_wait = 1;              // Units: steps
  TokenId loudness = 0;              // + index into velocities
  std::array<std::uint8_t, 32> velocities{};
  int steps_per_second = 100;
  std::int64_t longest_note = 0, longest_silence = 0;  // Units: steps
};

}  // namespace continuo::tokens
