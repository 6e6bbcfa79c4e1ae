#pragma once

#include <vector>

#include "continuo/score/score.h"

#include "beat_words.h"

namespace continuo::tokens {

// From `onset` on a meter holds. Units: ticks of the grid at hand.
struct MeterSection {
  std::int64_t onset = 0;
  int meter = 0;
};

// The meters of a piece and the grid that it needs: positions of the largest denominator that it has.
class BeatMeters {
 public:
  BeatMeters(const score::Score& score, const BeatWords& words);

  // Of this piece: at most the words'.
  int ticks_per_quarter() const { return ticks_per_quarter_; }
  // The words' ticks in one of this piece.
  int scale() const { return words_.ticks_per_quarter() / ticks_per_quarter_; }
  // The first is at 0.
  const std::vector<MeterSection>& sections() const { return sections_; }
  // The nearest position in the section of `time`; half way between two goes to the even one.
  std::int64_t snap(std::int64_t time, std::size_t& section) const;
  // Ticks of this piece to a position in the section.
  int step(std::size_t section) const { return words_.meter(sections_[section].meter).ticks_per_position / scale(); }
  // Moves `section` on to that of `time`. Requires: times that do not fall.
  void find(std::int64_t time, std::size_t& section) const {
    while (section + 1 < sections_.size() && sections_[section + 1].onset <= time) ++section;
  }

 private:
  void add(std::int64_t onset, int meter);

  const BeatWords& words_;
  int ticks_per_quarter_ = 0;
  bool coarser_ = false;  // some section's positions are further apart than ticks
  std::vector<MeterSection> sections_;
};

}  // namespace continuo::tokens
