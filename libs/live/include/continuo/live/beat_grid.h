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
// from 0.7 to 1.4 times it. First the tempo is found in which the first two bars fit quarters, eighths and sixteenths
// best (a sum of resonances). Then each onset is put on the sixteenth or triplet nearest to where the onsets of the
// last beats, as a line, expect it. The grid is the end of a parabola through all of the last 16 beats: a line through
// them would lag after a tempo that changes.
//
// Requires: at least one onset, in order of time; expected.quarter > 0.
FollowedBeat follow_beat(std::span<const Time> onsets, const BeatGrid& expected);

}  // namespace continuo::live
