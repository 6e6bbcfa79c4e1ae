#include "continuo/score/transpose.h"

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

Score sample() {
  Score score;
  score.tracks.resize(2);
  score.tracks[0].notes = {{Ticks(0), Ticks(480), 60, 80}, {Ticks(480), Ticks(480), 120, 80}};
  score.tracks[1].is_drum = true;
  score.tracks[1].notes = {{Ticks(0), Ticks(10), 36, 100}};
  score.key_signatures = {{Ticks(0), 1, false}};
  score.chord_symbols = {{Ticks(0), "G"}, {Ticks(240), "Am7/D"}, {Ticks(300), "N.C."}, {Ticks(480), "F#m7b5"}};
  return score;
}

TEST(Transpose, MovesPitchesKeysAndChordsButNotDrums) {
  const Result<Score> moved = transposed(sample(), 3);
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(moved->tracks[0].notes[0].pitch, 63);
  EXPECT_EQ(moved->tracks[1].notes[0].pitch, 36);
  EXPECT_EQ(moved->key_signatures[0].fifths, -2);
  EXPECT_EQ(moved->chord_symbols[0].text, "Bb");
  EXPECT_EQ(moved->chord_symbols[1].text, "Cm7/F");
  EXPECT_EQ(moved->chord_symbols[2].text, "N.C.");
  EXPECT_EQ(moved->chord_symbols[3].text, "Am7b5");
}

TEST(Transpose, RefusesToLeaveTheKeyboard) {
  const Result<Score> moved = transposed(sample(), 8);
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(transposed(sample(), 7).ok());
  EXPECT_FALSE(transposed(sample(), -61).ok());
}

TEST(Transpose, Range_IsSetByTheOuterPitchedNotes) {
  const TransposeRange range = transpose_range(sample());
  EXPECT_EQ(range.lowest, -60);
  EXPECT_EQ(range.highest, 7);
  EXPECT_EQ(transpose_range(Score{}).lowest, -127);
  EXPECT_EQ(transpose_range(Score{}).highest, 127);
}

TEST(Transpose, ThereAndBackIsTheSame) {
  for (int semitones = -12; semitones <= 7; ++semitones) {
    const Result<Score> there = transposed(sample(), semitones);
    ASSERT_TRUE(there.ok());
    const Result<Score> back = transposed(*there, -semitones);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, sample()) << semitones;
  }
}

TEST(Transpose, Octave_KeepsTheSpelling) {
  Score score = sample();
  score.key_signatures = {{Ticks(0), 7, false}};
  EXPECT_EQ(transposed(score, -12)->key_signatures[0].fifths, 7);
}

TEST(Transpose, Chord_AvoidsDoubleAccidentals) {
  EXPECT_EQ(transposed_chord("B#", 7), "C#");
  EXPECT_EQ(transposed_chord("A#7/E#", 7), "B7/F#");
  EXPECT_EQ(transposed_chord("Gb/Bb", -5), "G/B");
  EXPECT_EQ(transposed_chord("C", -5), "Db");
  EXPECT_EQ(transposed_chord("C6/9", 2), "D6/9");
  EXPECT_EQ(transposed_chord("", 2), "");
}

}  // namespace
}  // namespace continuo::score
