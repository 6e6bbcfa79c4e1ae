#pragma once

#include <algorithm>
#include <cstdint>

#include "continuo/base/musical_place.h"

namespace continuo::tokens {

// Where in the music the next token of a sequence is, as far as the tokens before it say. A model that is given it need
// not learn to count.
struct MusicalPosition {
  // In the measure, counted in steps from its start. Tokenisations that do not mark measures count those of 4/4 from
  // the piece's start; those in clock time are always at 0. Range: [0, PositionRange::places).
  int place = 0;
  // Which of a fixed row of tokens it is: the voice of chorale_grid. 0 for the others.
  // Range: [0, PositionRange::slots).
  int slot = 0;
  // Time since the piece, or where tracks follow one another since the track, began. Units: the shortest time that the
  // tokenisation can express (clock time: 10 ms). Range: 0 upwards.
  std::int64_t step = 0;

  friend bool operator==(const MusicalPosition&, const MusicalPosition&) = default;
};

// How many different values a tokenisation's positions take.
struct PositionRange {
  int places = 1;
  int slots = 1;
  // Every token but BOS, EOS and PAD moves the position alike, MASK too: it is known where tokens are masked.
  bool by_count = false;

  friend bool operator==(const PositionRange&, const PositionRange&) = default;
};

// Whether these are the positions of a model that has vectors of so many places and slots (0: of none), and that reads
// masked tokens or does not.
constexpr bool fits(const PositionRange& range, int places, int slots, bool masked) {
  const bool none = places == 0 && slots == 0;
  return (places == 0 || places == range.places) && (slots == 0 || slots == range.slots) &&
         (none || !masked || range.by_count);
}

// What a model reads of it.
constexpr MusicalPlace place_of(const MusicalPosition& position) {
  return {static_cast<std::uint16_t>(position.place), static_cast<std::uint16_t>(position.slot)};
}

// The place of `steps` since a bar line among `places`. Requires: places > 0.
constexpr int place_within(std::int64_t steps, int places) {
  return static_cast<int>(std::clamp<std::int64_t>(steps, 0, places - 1));
}

}  // namespace continuo::tokens
