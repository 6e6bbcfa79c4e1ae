#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/score/time.h"

namespace continuo::score {

// From `onset` on a quarter note lasts this long. Range: 1 to 16,777,215 us (SMF allows 24 bits).
struct Tempo {
  Ticks onset;
  std::int32_t microseconds_per_quarter = 500000;
  double quarters_per_minute() const { return 6e7 / microseconds_per_quarter; }
  friend bool operator==(const Tempo&, const Tempo&) = default;
};

// Which tempo holds when, and with that the way between ticks and seconds. Before the first change 120 quarters
// per minute hold (SMF 1.0, "Set Tempo"). Immutable. A copy costs two small vectors.
class TempoMap {
 public:
  // Requires: ticks_per_quarter > 0, onsets >= 0. Changes may come in any order; of several at one tick the
  // last given counts.
  explicit TempoMap(std::int32_t ticks_per_quarter = 480, std::vector<Tempo> changes = {});

  std::int32_t ticks_per_quarter() const { return ticks_per_quarter_; }
  // The changes as given, sorted, one per tick at most. Empty where the music names no tempo.
  std::span<const Tempo> changes() const { return changes_; }
  Tempo at(Ticks time) const;
  // Rounds once, from an exact sum. Range: |time| < 2^60.
  Seconds to_seconds(Ticks time) const;
  // The nearest tick, so to_ticks(to_seconds(t)) == t as long as a double can tell neighbouring ticks apart
  // (for 480 ticks per quarter at 120: 400,000 years). Range: seconds >= 0; the result is at most 2^60.
  Ticks to_ticks(Seconds time) const;
  Quarters to_quarters(Ticks time) const { return Quarters(double(time.value) / ticks_per_quarter_); }

  friend bool operator==(const TempoMap& a, const TempoMap& b) {
    return a.ticks_per_quarter_ == b.ticks_per_quarter_ && a.changes_ == b.changes_;
  }

 private:
  // Clock times as exact integers. Units: 1 us / ticks_per_quarter. 128 bits, since 2^60 ticks times 2^24 us
  // must fit.
  __extension__ using Clock = __int128;
  Seconds seconds_of(Clock clock) const;
  Clock clock_at(Ticks time) const;

  std::int32_t ticks_per_quarter_;
  std::vector<Tempo> changes_;
  std::vector<Clock> change_clocks_;  // of each of changes_
};

}  // namespace continuo::score
