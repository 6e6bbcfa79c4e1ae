#pragma once

#include <cstdint>

#include "../beat/beat_words.h"

namespace continuo::tokens {

// A row of octuple: Pitch Position Bar [Velocity] Duration [Program] [Tempo] [TimeSig].
struct OctupleRow {
  int pitch = 0, position = 0, bar = 0, velocity = 0, duration = 0, program = 0, tempo = 0, meter = 0;
  bool is_drum = false;
};

// Of the words of a row that a vocabulary has, the last.
WordKind last_of_octuple(const BeatWords& words);

// Where rows have come in time, word by word. Bars that have no notes last as long as the one before them; those before
// the first note as that one. Units: the words' ticks. The words must outlive it.
class OctupleClock {
 public:
  explicit OctupleClock(const BeatWords& words);
  // Whether a row is whole with this word.
  bool accept(Word word);
  const OctupleRow& row() const { return row_; }
  std::int64_t now() const { return now_; }
  std::int64_t bar_onset() const { return bar_onset_; }
  int meter() const { return meter_; }
  double seconds() const { return seconds_; }
  // Up to the last note's.
  std::size_t bars_begun() const { return std::size_t(bar_ + 1); }

 private:
  void move_to_row();

  const BeatWords* words_;
  WordKind last_;
  OctupleRow row_;
  int bar_ = -1, meter_, tempo_;
  std::int64_t bar_onset_ = 0, now_ = 0;
  double seconds_ = 0;
};

}  // namespace continuo::tokens
