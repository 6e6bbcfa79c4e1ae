#pragma once

#include <cstdint>
#include <optional>
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

// The measures of a Score from tick 0 to the end of its last note, following its time signatures and irregular bars;
// every note's onset lies in one of them. A change of signature, or the beginning of an irregular bar, in the middle of
// a measure ends that measure there, as notation programs do. Immutable.
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

// A bar's length as a time signature.
struct BarFraction {
  int numerator, denominator;
};

// The fraction for `length`, where `whole` is the length of a whole note: with the coarsest denominator from
// `denominator` to 128 that is exact. Nothing where none is, or it has more than 255 beats.
// Requires: length and whole > 0; denominator a power of two.
std::optional<BarFraction> bar_fraction(std::int64_t length, std::int64_t whole, int denominator);

// The time signatures that give a Score without irregular bars the same bar lines, for what knows signatures alone:
// MIDI files and tokenisations. An irregular bar has a signature of its own, after which the meter is given again.
// Where no signature has its length, the meter being given again is all that marks its end. In order, one for each
// tick.
std::vector<TimeSignature> signatures_of_bars(const Score& score);

}  // namespace continuo::score
