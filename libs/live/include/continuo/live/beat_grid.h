#pragma once

#include <span>
#include <vector>

#include "continuo/live/message.h"

namespace continuo::live {

// Where beats fall in time: a straight line.
struct BeatGrid {
  Time origin{};   // of quarter 0, a bar line
  Time quarter{};  // length of a quarter. Range: more than 0

  double position(Time time) const { return double((time - origin).count()) / double(quarter.count()); }  // in quarters
  Time time(double position) const { return origin + from_seconds(to_seconds(quarter) * position); }
  double quarters_per_minute() const { return 60 / to_seconds(quarter); }
  // The same line, with `position` at `time`.
  static BeatGrid through(Time time, double position, Time quarter) {
    return {time - from_seconds(to_seconds(quarter) * position), quarter};
  }
};

// What somebody played against the beat that they had in mind.
struct FollowedBeat {
  std::vector<double> positions;  // of each onset, on the grid of what is played. Units: quarters
  BeatGrid grid;                  // at the last onset, with the tempo that it has come to
};

// Finds the beat of a phrase that speeds up or slows down gently.
//
// The first onset is at `expected.position()` of it, to the nearest sixteenth, and the tempo near the expected one,
// from 0.7 to 1.4 times it. Of many tempos the one is taken at which the phrase is likeliest: notes are likelier on
// beats than on eighths, sixteenths and triplets, near their place than far from it, and at the expected tempo than at
// others. At each tempo every onset is put where a parabola through those of the last beats expects it; few or uneven
// onsets bend that parabola towards a line. The grid is the end of such a parabola through the last 16 beats: the tempo
// that the phrase has come to, and not the mean of it.
//
// Requires: at least one onset, in order of time; expected.quarter > 0.
FollowedBeat follow_beat(std::span<const Time> onsets, const BeatGrid& expected);

}  // namespace continuo::live
