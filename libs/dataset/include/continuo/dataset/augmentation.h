#pragma once

#include "continuo/base/rng.h"
#include "continuo/score/score.h"

namespace continuo::dataset {

// How far a training piece may be moved away from what was played. Each is drawn uniformly for every (seed,
// epoch, piece); the defaults change nothing.
struct Augmentation {
  int transpose_down = 0, transpose_up = 0;  // Units: semitones. Never beyond 0-127; drums stay
  double slowest = 1, fastest = 1;           // tempo is multiplied by this. Range: above 0, slowest <= fastest
  int velocity_shift = 0;                    // one shift of all notes by up to this; stays in 1-127. Range: 0-126
  double jitter_quarters = 0;                // each onset by up to this, either way, not before 0. Range: 0 upwards

  bool changes_nothing() const;
  // True when every field is within its range.
  bool is_valid() const;
  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

// The piece as it might have been played: transposed, faster or slower (its tempo changes; positions in beats stay),
// louder or softer, less exact. Notes keep their durations in ticks. Depends on the arguments alone.
// Requires: augmentation.is_valid().
score::Score augmented(score::Score score, const Augmentation& augmentation, Rng rng);

}  // namespace continuo::dataset
