#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::metrics {

// How much one piece of music is like another. Range: 0 to 1, 1 for alike.
struct Closeness {
  // Overlap of the shares of the twelve pitch classes (the sum of the lesser of each two); 1 where one has none.
  double pitch_classes = 1;
  // The smaller number of notes per quarter, from first onset to last end, over the greater.
  double density = 1;
  double mean() const { return (pitch_classes + density) / 2; }
};
Closeness closeness(const score::Score& music, const score::Score& other);

// The notes of `piece` that `given` does not have, track by track.
score::Score new_notes(const score::Score& piece, const score::Score& given);

// What candidates for the best piece are ranked by.
struct Rated {
  double log_likelihood = 0;        // of a token, under the model
  std::optional<double> closeness;  // to a given piece, for all candidates or none
};
// Indices, the best first: by the mean of the places that a candidate has by its likelihood and by its closeness, where
// there is one. Equals stay in their order.
std::vector<std::size_t> ranked(std::span<const Rated> candidates);

}  // namespace continuo::metrics
