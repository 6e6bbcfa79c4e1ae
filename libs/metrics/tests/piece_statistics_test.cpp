#include "continuo/metrics/piece_statistics.h"

#include <cmath>
#include <numeric>
#include <span>

#include <gtest/gtest.h>

#include "scores.h"

namespace continuo::metrics {
namespace {

using score::Note;
using score::Score;
using score::Ticks;

TEST(PieceStatistics, NoNotes_AllZero) {
  const auto statistics = piece_statistics(Score{});
  EXPECT_EQ(statistics.notes, 0u);
  EXPECT_EQ(statistics.bars, 0);
  EXPECT_EQ(statistics.groove_consistency, 0);
  EXPECT_EQ(statistics.pitch_range, 0);
}

TEST(PieceStatistics, SingleNote_HandComputed) {
  const auto s = piece_statistics(score_of({note(0, 480, 62, 90)}));
  EXPECT_EQ(s.notes, 1u);
  EXPECT_DOUBLE_EQ(s.seconds, 0.5);
  EXPECT_DOUBLE_EQ(s.bars, 1);
  EXPECT_DOUBLE_EQ(s.notes_per_second, 2);
  EXPECT_DOUBLE_EQ(s.notes_per_bar, 1);
  EXPECT_DOUBLE_EQ(s.polyphony, 1);
  EXPECT_DOUBLE_EQ(s.polyphony_rate, 0);
  EXPECT_DOUBLE_EQ(s.pitch_classes[2], 1);
  EXPECT_DOUBLE_EQ(s.pitch_class_entropy, 0);
  EXPECT_DOUBLE_EQ(s.scale_consistency, 1);
  EXPECT_DOUBLE_EQ(s.groove_consistency, 1);
  EXPECT_DOUBLE_EQ(s.pitch_mean, 62);
  EXPECT_DOUBLE_EQ(s.pitch_range, 0);
  EXPECT_DOUBLE_EQ(s.velocity_mean, 90);
  EXPECT_DOUBLE_EQ(s.velocity_deviation, 0);
  EXPECT_DOUBLE_EQ(s.duration_mean_quarters, 1);
}

TEST(PieceStatistics, Polyphony_CountsSoundingTimeOnly) {
  // One quarter of one note, one of two, one of one, a rest of a quarter, one of three.
  const auto s = piece_statistics(
      score_of({note(0, 960, 60), note(480, 960, 64), note(1920, 480, 60), note(1920, 480, 64), note(1920, 480, 67)}));
  EXPECT_DOUBLE_EQ(s.polyphony, (1 + 2 + 1 + 3) / 4.0);
  EXPECT_DOUBLE_EQ(s.polyphony_rate, 2 / 4.0);
}

TEST(PieceStatistics, NotesOfNoLength_CountButDoNotSound) {
  const auto s = piece_statistics(score_of({note(0, 0, 60), note(0, 480, 64)}));
  EXPECT_EQ(s.notes, 2u);
  EXPECT_DOUBLE_EQ(s.polyphony, 1);
  const auto silent = piece_statistics(score_of({note(0, 0, 60)}));
  EXPECT_DOUBLE_EQ(silent.polyphony, 0);
  EXPECT_DOUBLE_EQ(silent.notes_per_second, 0);
}

TEST(PieceStatistics, PitchClasses_EntropyAndScale) {
  // C C D F#: all in G major.
  const auto s =
      piece_statistics(score_of({note(0, 240, 60), note(240, 240, 72), note(480, 240, 62), note(720, 240, 66)}));
  EXPECT_DOUBLE_EQ(s.pitch_classes[0], 0.5);
  EXPECT_DOUBLE_EQ(s.pitch_class_entropy, 0.5 * 1 + 2 * 0.25 * 2);
  EXPECT_DOUBLE_EQ(s.scale_consistency, 1);
  const auto chromatic = [] {
    std::vector<Note> notes;
    for (int i = 0; i < 12; ++i) notes.push_back(note(i * 120, 120, 60 + i));
    return piece_statistics(score_of(notes));
  }();
  EXPECT_NEAR(chromatic.pitch_class_entropy, std::log2(12.0), 1e-12);
  EXPECT_NEAR(chromatic.scale_consistency, 7 / 12.0, 1e-12);
  EXPECT_DOUBLE_EQ(chromatic.pitch_range, 11);
}

TEST(PieceStatistics, ScaleConsistency_OneForEveryMajorAndMinorScale) {
  constexpr int kMajor[] = {0, 2, 4, 5, 7, 9, 11}, kMinor[] = {0, 2, 3, 5, 7, 8, 10};
  for (int root = 0; root < 12; ++root) {
    for (const auto& scale : {std::span<const int>(kMajor), std::span<const int>(kMinor)}) {
      std::vector<Note> notes;
      for (const int step : scale) notes.push_back(note(step * 120, 120, 48 + root + step));
      EXPECT_DOUBLE_EQ(piece_statistics(score_of(notes)).scale_consistency, 1) << root;
      // The tritone of the root is in neither scale.
      notes.push_back(note(2000, 120, 48 + root + 6));
      EXPECT_DOUBLE_EQ(piece_statistics(score_of(notes)).scale_consistency, 7 / 8.0) << root;
    }
  }
}

TEST(PieceStatistics, DrumsOnly_NoPitchesButGroove) {
  std::vector<Note> notes;
  for (int bar = 0; bar < 2; ++bar)
    for (int beat = 0; beat < 4; ++beat) notes.push_back(note(bar * 1920 + beat * 480, 60, 36, 100));
  const auto s = piece_statistics(score_of(notes, true));
  EXPECT_EQ(std::accumulate(s.pitch_classes.begin(), s.pitch_classes.end(), 0.0), 0);
  EXPECT_EQ(s.scale_consistency, 0);
  EXPECT_EQ(s.pitch_mean, 0);
  EXPECT_DOUBLE_EQ(s.groove_consistency, 1);
  EXPECT_DOUBLE_EQ(s.notes_per_bar, 4);
}

TEST(PieceStatistics, Groove_CountsPlacesThatDiffer) {
  // Bar 1: beats 1 and 2; bar 2: beat 1; bar 3: beat 1, struck a little early. One place of 16 differs once in two
  // pairs.
  const auto s = piece_statistics(
      score_of({note(0, 100, 60), note(480, 100, 60), note(1920, 100, 60), note(3830, 200, 60), note(4300, 10, 60)}));
  EXPECT_DOUBLE_EQ(s.bars, 3);
  EXPECT_DOUBLE_EQ(s.groove_consistency, 1 - (1 + 1) / 32.0);
}

TEST(PieceStatistics, ChangingMeterAndTempo_BarsAndSeconds) {
  auto score = score_of({note(0, 1920, 60), note(1920, 1440, 60), note(3360, 1440, 60)});
  score.time_signatures = {{Ticks(0), 4, 4}, {Ticks(1920), 3, 4}};
  score.tempos = {{Ticks(0), 500000}, {Ticks(1920), 1000000}};
  const auto s = piece_statistics(score);
  EXPECT_DOUBLE_EQ(s.bars, 3);
  EXPECT_DOUBLE_EQ(s.seconds, 2 + 6);
  EXPECT_DOUBLE_EQ(s.notes_per_bar, 1);
  EXPECT_DOUBLE_EQ(s.groove_consistency, 1);
  EXPECT_DOUBLE_EQ(s.duration_mean_quarters, 10 / 3.0);
}

TEST(PieceStatistics, Velocity_PopulationDeviation) {
  const auto s = piece_statistics(score_of({note(0, 10, 60, 60), note(10, 10, 60, 100)}));
  EXPECT_DOUBLE_EQ(s.velocity_mean, 80);
  EXPECT_DOUBLE_EQ(s.velocity_deviation, 20);
}

}  // namespace
}  // namespace continuo::metrics
