#pragma once

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "score.h"

namespace continuo::notation::written {

// Chooses the verse of each measure of one part while its measures are played.
class VerseChooser {
 public:
  explicit VerseChooser(const Part& part) : part_(part), times_played_(part.measures.size()) {}
  // The syllables of a measure that is played once more: those of verse n the n-th time; of the lowest verse that the
  // measure has where it has no verse n, as in a refrain or a second ending. Requires: a measure of the part.
  std::vector<const At<Syllable>*> play(std::size_t measure);
  // Syllables that play() has never returned.
  std::size_t unsung() const;

 private:
  const Part& part_;
  std::vector<int> times_played_;
  std::set<std::pair<std::size_t, int>> sung_;  // measures and verses
};

}  // namespace continuo::notation::written
