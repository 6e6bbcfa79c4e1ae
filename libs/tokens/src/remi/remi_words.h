#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../core/word_list.h"

namespace continuo::tokens {

struct RemiMeter {
  int numerator = 4, denominator = 4;
  int length = 0;  // Units: positions
};

// The words of remi for one grid, their ids and what they stand for. A TimeSig, Tempo or Duration word's value is an
// index into its table, a Program's kDrumVoice for drums. Immutable.
class RemiWords : public WordList {
 public:
  // Requires: a grid of RemiOptions.
  explicit RemiWords(int positions_per_quarter);

  int positions_per_quarter() const { return positions_per_quarter_; }

  const RemiMeter& meter(int index) const { return meters_[std::size_t(index)]; }
  // -1 when there is no such word.
  int find_meter(int numerator, int denominator) const;

  // Units: positions.
  int duration(int index) const { return durations_[std::size_t(index)]; }
  // The index of the duration nearest to `length`, the shorter of two; of the longest that is no longer than `length`.
  int nearest_duration(std::int64_t length) const;
  int duration_within(std::int64_t length) const {
    return within_[std::size_t(std::clamp<std::int64_t>(length, 0, std::int64_t(within_.size()) - 1))];
  }

  // Units: quarters per minute.
  int tempo(int index) const { return tempos_[std::size_t(index)]; }
  std::int32_t microseconds_per_quarter(int index) const;
  int nearest_tempo(double quarters_per_minute) const;

 private:
  void add_meters();
  void add_tempos();
  void add_durations();

  int positions_per_quarter_;
  std::vector<RemiMeter> meters_;
  std::vector<int> durations_, tempos_;  // rising
  std::vector<std::int16_t> within_;     // by length, the index of the longest duration that is no longer
};

}  // namespace continuo::tokens
