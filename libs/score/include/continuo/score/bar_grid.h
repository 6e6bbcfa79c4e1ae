#pragma once

#include <cstdint>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::score {

// One measure.
struct Bar {
  Ticks onset;
  Ticks length;
  TimeSignature time_signature;  // the one in force
  Ticks end() const { return onset + length; }
};

// The measures of a Score from tick 0 to the end of its last note, following its time signatures; every note's
// onset lies in one of them. A change in the middle of a measure ends that measure there, as notation programs
// do. Immutable.
class BarGrid {
 public:
  // No music has more, but a broken file can ask for billions. Beyond this the last bar takes all the rest.
  static constexpr std::size_t kMaxBars = std::size_t{1} << 20;

  // Without a time signature at tick 0, 4/4 holds until the first. At least one bar.
  explicit BarGrid(const Score& score);

  const std::vector<Bar>& bars() const { return bars_; }
  // The bar that holds `time`; times beyond the end belong to the last bar. Requires: time >= 0.
  std::size_t index_at(Ticks time) const;

 private:
  std::vector<Bar> bars_;
};

}  // namespace continuo::score
