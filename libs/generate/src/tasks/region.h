#pragma once

#include "continuo/generate/options.h"
#include "continuo/score/bar_grid.h"

namespace continuo::generate {

// A stretch of a score: [begin, end). Units: its ticks.
struct Region {
  score::Ticks begin, end;
};

inline bool is_in(Region region, score::Ticks time) { return time >= region.begin && time < region.end; }

// Requires: bars of the score.
inline Region region_of(const score::Score& score, BarRange range) {
  const score::BarGrid grid(score);
  return {.begin = grid.bars()[std::size_t(range.first - 1)].onset,
          .end = grid.bars()[std::size_t(range.last - 1)].end()};
}

}  // namespace continuo::generate
