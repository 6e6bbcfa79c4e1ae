#include "continuo/live/beat_grid.h"

#include <cmath>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::live {
namespace {

// Eighths with a quarter after every third, as somebody plays them who speeds up by `faster` a quarter.
struct Played {
  std::vector<Time> onsets;
  std::vector<double> positions;
  double last_quarter = 0;  // seconds
};

Played play(double quarter, double faster, double quarters, double jitter = 0, std::uint64_t seed = 1) {
  Rng rng(seed);
  Played played;
  double time = 3, position = 0;
  for (int i = 0; position < quarters; ++i) {
    played.onsets.push_back(from_seconds(time + jitter * (2 * rng.uniform() - 1)));
    played.positions.push_back(position);
    played.last_quarter = quarter * std::pow(1 - faster, position);
    const double step = i % 4 == 3 ? 1 : 0.5;
    for (double done = 0; done < step - 1e-9; done += 1.0 / 64)
      time += quarter * std::pow(1 - faster, position + done) / 64;
    position += step;
  }
  return played;
}

BeatGrid expected_at(Time time, double quarter) { return BeatGrid::through(time, 0, from_seconds(quarter)); }

TEST(FollowBeat, KeepsASteadyTempo) {
  const Played played = play(0.5, 0, 16);
  const FollowedBeat beat = follow_beat(played.onsets, expected_at(played.onsets[0], 0.5));
  EXPECT_EQ(beat.positions, played.positions);
  EXPECT_NEAR(to_seconds(beat.grid.quarter), 0.5, 1e-6);
}

TEST(FollowBeat, FindsATempoThatIsNotTheExpectedOne) {
  for (const double quarter : {0.40, 0.45, 0.55, 0.62}) {
    const Played played = play(quarter, 0, 16);
    const FollowedBeat beat = follow_beat(played.onsets, expected_at(played.onsets[0], 0.5));
    EXPECT_EQ(beat.positions, played.positions) << quarter;
    EXPECT_NEAR(to_seconds(beat.grid.quarter), quarter, 2e-4) << quarter;
  }
}

TEST(FollowBeat, IsWithinOnePercentOfATempoThatChanges) {
  for (const double faster : {-0.004, 0.002, 0.004, 0.006}) {
    const Played played = play(0.5, faster, 32);
    const FollowedBeat beat = follow_beat(played.onsets, expected_at(played.onsets[0], 0.5));
    EXPECT_EQ(beat.positions, played.positions) << faster;
    EXPECT_NEAR(to_seconds(beat.grid.quarter) / played.last_quarter, 1, 0.01) << faster;
  }
}

TEST(FollowBeat, ToleratesUnevenFingers) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Played played = play(0.52, 0.002, 16, 0.012, seed);
    const FollowedBeat beat = follow_beat(played.onsets, expected_at(played.onsets[0], 0.5));
    EXPECT_EQ(beat.positions, played.positions) << seed;
    EXPECT_NEAR(to_seconds(beat.grid.quarter) / played.last_quarter, 1, 0.02) << seed;
  }
}

// Of a rhythm with dots and syncopes, whose first notes may fit other tempos as well.
TEST(FollowBeat, FollowsUnevenRhythms) {
  int right = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Rng rng(seed);
    constexpr double kLengths[] = {0.5, 0.5, 1, 0.25, 1.5, 0.75};
    std::vector<Time> onsets;
    std::vector<double> positions;
    for (double place = 0; place < 8; place += kLengths[rng.below(6)]) {
      positions.push_back(place);
      onsets.push_back(from_seconds(0.55 * place + 0.008 * (2 * rng.uniform() - 1)));
    }
    const FollowedBeat beat = follow_beat(onsets, expected_at(onsets[0], 0.55));
    right += beat.positions == positions && std::abs(to_seconds(beat.grid.quarter) / 0.55 - 1) < 0.01;
  }
  EXPECT_GE(right, 196);
}

TEST(FollowBeat, PutsTripletsBetweenSixteenths) {
  std::vector<Time> onsets;
  for (int i = 0; i < 12; ++i) onsets.push_back(from_seconds(i < 6 ? i * 0.5 : 3 + (i - 6) * 0.5 / 3));
  const FollowedBeat beat = follow_beat(onsets, expected_at(onsets[0], 0.5));
  EXPECT_NEAR(beat.positions[7], 6 + 1.0 / 3, 1e-9);
  EXPECT_NEAR(beat.positions[8], 6 + 2.0 / 3, 1e-9);
}

TEST(FollowBeat, ATrillTakesNoTimeFromTheBeat) {
  std::vector<Time> onsets;
  for (int i = 0; i < 48; ++i) onsets.push_back(from_seconds(i / 12.0));      // 12 notes a second for four quarters
  for (int i = 0; i < 4; ++i) onsets.push_back(from_seconds(4 + double(i)));  // and four of a second each
  const FollowedBeat beat = follow_beat(onsets, expected_at(onsets[0], 1));
  EXPECT_EQ(std::vector(beat.positions.end() - 4, beat.positions.end()), (std::vector<double>{4, 5, 6, 7}));
  EXPECT_NEAR(to_seconds(beat.grid.quarter), 1, 0.01);
}

TEST(FollowBeat, PutsAChordInOnePlace) {
  const std::vector<Time> onsets = {from_seconds(1), from_seconds(1.01), from_seconds(1.02), from_seconds(1.5)};
  const FollowedBeat beat = follow_beat(onsets, expected_at(onsets[0], 0.5));
  EXPECT_EQ(beat.positions, (std::vector<double>{0, 0, 0, 1}));
}

TEST(FollowBeat, TakesTheExpectedTempoFromOneNote) {
  const std::vector<Time> onsets = {from_seconds(7)};
  const FollowedBeat beat = follow_beat(onsets, BeatGrid::through(from_seconds(7), 5.02, from_seconds(0.6)));
  EXPECT_EQ(beat.positions, std::vector<double>{5});
  EXPECT_EQ(beat.grid.quarter, from_seconds(0.6));
  EXPECT_NEAR(beat.grid.position(from_seconds(7)), 5, 1e-6);
}

}  // namespace
}  // namespace continuo::live
