#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "continuo/base/token_id.h"

namespace continuo::tokens {

enum class RemiKind : std::uint8_t {
  kNone,
  kBar,
  kTimeSignature,
  kPosition,
  kTempo,
  kProgram,
  kPitch,
  kVelocity,
  kDuration
};

struct RemiWord {
  RemiKind kind = RemiKind::kNone;
  std::int32_t value = 0;  // an index into the table of its kind; the position, program (kDrumVoice) or pitch itself
};

struct RemiMeter {
  int numerator = 4, denominator = 4;
  int length = 0;  // Units: positions
};

// The words of remi for one grid, their ids and what they stand for. Immutable.
class RemiWords {
 public:
  // Requires: a grid of RemiOptions.
  explicit RemiWords(int positions_per_quarter);

  int positions_per_quarter() const { return positions_per_quarter_; }
  int size() const { return int(words_.size()); }
  RemiWord word(TokenId id) const { return id >= 0 && id < size() ? words_[std::size_t(id)] : RemiWord{}; }
  // The id of value 0 of a kind; its other values follow. Requires: kind is not kNone.
  TokenId first(RemiKind kind) const { return first_[std::size_t(kind)]; }
  TokenId id(RemiKind kind, std::int64_t value) const { return first(kind) + TokenId(value); }
  int count(RemiKind kind) const { return counts_[std::size_t(kind)]; }

  const RemiMeter& meter(int index) const { return meters_[std::size_t(index)]; }
  // -1 when there is no such word.
  int find_meter(int numerator, int denominator) const;

  // Units: positions.
  int duration(int index) const { return durations_[std::size_t(index)]; }
  // The index of the duration nearest to `length`, the shorter of two; of the longest that is no longer than `length`.
  int nearest_duration(std::int64_t length) const;
  int duration_within(std::int64_t length) const;

  // Units: quarters per minute.
  int tempo(int index) const { return tempos_[std::size_t(index)]; }
  std::int32_t microseconds_per_quarter(int index) const;
  int nearest_tempo(double quarters_per_minute) const;

  // Without the special four.
  const std::vector<std::string>& spelling() const { return spelling_; }

 private:
  void add_meters();
  void add_tempos();
  void add_durations();
  void add(RemiKind kind, std::vector<std::string> spellings);

  int positions_per_quarter_;
  std::vector<RemiMeter> meters_;
  std::vector<int> durations_, tempos_;  // rising
  std::vector<RemiWord> words_;          // by id
  std::vector<std::string> spelling_;
  TokenId first_[9] = {};
  int counts_[9] = {};
};

}  // namespace continuo::tokens
