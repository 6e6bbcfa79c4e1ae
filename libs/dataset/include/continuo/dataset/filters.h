#pragma once

#include <cstdint>
#include <optional>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

namespace continuo::dataset {

// What a piece must have to be worth learning from. A collection with an official split is kept as published unless
// `official` is set.
struct Filters {
  std::uint32_t min_notes = 4;  // fewer is too_short
  double min_seconds = 0;       // likewise
  int min_pitches = 2;          // different pitches (or drums); fewer is one_pitch. Range: 1 upwards
  bool corrupt_meter = true;    // reject corrupt_meter; see corrupt_meter()
  bool duplicates = true;       // reject the same notes again, in any file, as duplicate
  bool official = false;        // also where there is an official split
  friend bool operator==(const Filters&, const Filters&) = default;
};

// Why this piece is left out, if it is. Duplicates are not seen here: that takes all pieces.
std::optional<Error> fault_of(const score::Score& score, const Filters& filters);

// The first time signature that no music has: one of a bar shorter than a sixteenth note or longer than eight whole
// notes. Where in a bar it begins does not matter: pickups, short bars and recordings begin anywhere.
std::optional<score::TimeSignature> corrupt_meter(const score::Score& score);

}  // namespace continuo::dataset
