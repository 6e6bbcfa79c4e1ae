#include "continuo/metrics/muspy_measures.h"

#include <cmath>

#include <gtest/gtest.h>

#include "scores.h"

namespace continuo::metrics {
namespace {

using score::Score;
using score::Ticks;

TEST(MuspyMeasures, NoNotes_HasNoNumbers) {
  const auto measures = muspy_measures(Score{});
  EXPECT_EQ(measures.n_pitches_used, 0);
  EXPECT_EQ(measures.pitch_range, 0);
  EXPECT_FALSE(measures.empty_beat_rate);
  EXPECT_FALSE(measures.polyphony);
  EXPECT_FALSE(measures.polyphony_rate);
  EXPECT_FALSE(measures.scale_consistency);
  EXPECT_FALSE(measures.pitch_entropy);
  EXPECT_FALSE(measures.groove_consistency);
  EXPECT_FALSE(measures.drum_pattern_consistency);
}

TEST(MuspyMeasures, Pitches_AreCountedOnce) {
  const auto measures = muspy_measures(score_of({note(0, 480, 60), note(480, 480, 72), note(960, 480, 60)}));
  EXPECT_EQ(measures.n_pitches_used, 2);
  EXPECT_EQ(measures.n_pitch_classes_used, 1);
  EXPECT_EQ(measures.pitch_range, 12);
  EXPECT_DOUBLE_EQ(*measures.pitch_class_entropy, 0);
  EXPECT_NEAR(*measures.pitch_entropy, std::log2(3.0) - 2 / 3.0, 1e-12);
}

TEST(MuspyMeasures, BeatInWhichANoteEndsExactly_IsNotEmpty) {
  // Beats 0 and 1 are touched (the note ends where 1 begins), 2 is empty, 3 and 4 are touched.
  const auto measures = muspy_measures(score_of({note(0, 480, 60), note(1440, 480, 60)}));
  EXPECT_DOUBLE_EQ(*measures.empty_beat_rate, 1 / 5.0);
  EXPECT_DOUBLE_EQ(*measures.empty_measure_rate, 0);
}

TEST(MuspyMeasures, EmptyMeasures_AreThoseOfTheFirstMeter) {
  auto score = score_of({note(0, 480, 60), note(4320, 240, 60)});
  score.time_signatures = {{Ticks(0), 3, 4}, {Ticks(1440), 4, 4}};
  // Measures of 1,440 ticks: 0 and 3 have notes.
  EXPECT_DOUBLE_EQ(*muspy_measures(score).empty_measure_rate, 0.5);
}

TEST(MuspyMeasures, Polyphony_CountsAPitchInTwoTracksOnce) {
  auto score = score_of({note(0, 960, 60), note(480, 480, 64)});
  score.tracks.push_back(score.tracks.front());
  const auto measures = muspy_measures(score);
  EXPECT_DOUBLE_EQ(*measures.polyphony, 1.5);
  EXPECT_DOUBLE_EQ(*measures.polyphony_rate, 0);
}

TEST(MuspyMeasures, PolyphonyRate_NeedsThreePitchesAndCountsSilence) {
  // One quarter of three pitches, one of two, two of silence before a drum ends the piece.
  auto score = score_of({note(0, 480, 60), note(0, 960, 64), note(0, 960, 67)});
  score.tracks.push_back(score_of({note(1800, 120, 36)}, true).tracks.front());
  EXPECT_DOUBLE_EQ(*muspy_measures(score).polyphony_rate, 0.25);
}

TEST(MuspyMeasures, DrumPattern_TheLargerOfQuartersAndThirdsOfABeat) {
  const auto duple = muspy_measures(score_of({note(0, 60, 36), note(120, 60, 42), note(160, 60, 42)}, true));
  EXPECT_DOUBLE_EQ(*duple.drum_pattern_consistency, 2 / 3.0);
  const auto triple = muspy_measures(score_of({note(0, 60, 36), note(160, 60, 42), note(320, 60, 42)}, true));
  EXPECT_DOUBLE_EQ(*triple.drum_pattern_consistency, 1);
  EXPECT_EQ(triple.n_pitches_used, 0);
  EXPECT_FALSE(triple.polyphony);
}

TEST(MuspyMeasures, Groove_ComparesTicksOfNeighbouringMeasures) {
  // Measure 1 repeats both onsets of measure 0, measure 2 has one of them a tick late.
  const auto score = score_of({note(0, 10, 60), note(480, 10, 60), note(1920, 10, 60), note(2400, 10, 60),
                               note(3840, 10, 60), note(4321, 10, 60)});
  EXPECT_DOUBLE_EQ(*muspy_measures(score).groove_consistency, 1 - 2 / (1920.0 * 2));
}

}  // namespace
}  // namespace continuo::metrics
