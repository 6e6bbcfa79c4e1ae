#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "continuo/live/beat_grid.h"
#include "continuo/live/message.h"
#include "continuo/score/score.h"

namespace continuo::live {

// A note of a phrase. Units: quarters of a BeatGrid. Range: MIDI pitch and velocity.
struct PhraseNote {
  double onset = 0, length = 0;
  int pitch = 0, velocity = 0;
  double end() const { return onset + length; }
  friend bool operator==(const PhraseNote&, const PhraseNote&) = default;
};

// What somebody plays, as its keys go down and up.
class HeardPhrase {
 public:
  bool empty() const { return notes_.empty(); }
  std::size_t size() const { return notes_.size(); }
  void press(Time at, int pitch, int velocity);
  void release(Time at, int pitch);
  // All keys that are down go up, as when a keyboard is unplugged.
  void release_all(Time at);
  bool is_key_down() const;
  Time begin() const { return notes_.front().on; }  // Requires: not empty
  Time last_event() const { return last_event_; }   // of any key

  struct OnGrid {
    std::vector<PhraseNote> notes;
    BeatGrid grid;
  };
  // Its notes where the player meant them, and the beat at its end; see follow_beat(). Keys that are down last until
  // `now`. Requires: not empty.
  OnGrid follow(const BeatGrid& expected, Time now) const;

 private:
  struct Key {
    Time on{};
    std::optional<Time> off;
    int pitch = 0, velocity = 0;
  };
  std::vector<Key> notes_;
  Time last_event_{};
};

// How a phrase is written down.
struct PhraseNotation {
  double quarters_per_minute = 100;
  int meter_numerator = 4, meter_denominator = 4;
  int program = 0;
  double bar() const { return 4.0 * meter_numerator / meter_denominator; }  // quarters
};

// The notes that begin in [begin, end), both being bar lines, as a score of one track. Bars in which nothing sounds are
// left out: who composes from what pauses between call and answer would learn to pause.
score::Score written(std::span<const PhraseNote> notes, double begin, double end, const PhraseNotation& notation);

// Of a score the notes of the bar after its first `given` notes' last one, `begin` being where that bar begins. A note
// rings for a bar beyond it at most.
std::vector<PhraseNote> bar_after(const score::Score& given, const score::Score& composed, double begin);

}  // namespace continuo::live
