#pragma once

#include <cstdint>

#include "continuo/score/score.h"

namespace continuo::dataset {

// What music a piece is, whatever file it is in: its notes on a grid of 24 to the quarter, counted from the
// first note, without velocities, instruments and tempo.
struct PieceKey {
  std::uint64_t exact = 0;  // equal for the same notes
  std::uint64_t group = 0;  // equal also for the same notes in another key; a split never divides a group
};

PieceKey piece_key(const score::Score& score);

}  // namespace continuo::dataset
