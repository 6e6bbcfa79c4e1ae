#include "continuo/score/transpose.h"

#include <array>

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

TEST(Transpose, MovesPressureWithItsKeys) {
  Score score = sample();
  score.tracks[0].pressures = {
      {Ticks(0), 60, 5}, {Ticks(1), Pressure::kAllKeys, 6}, {Ticks(2), 0, 7}, {Ticks(3), 127, 8}};
  score.tracks[1].pressures = {{Ticks(0), 36, 9}};
  const Score up = *transposed(score, 3);
  EXPECT_EQ(up.tracks[0].pressures,
            (std::vector<Pressure>{{Ticks(0), 63, 5}, {Ticks(1), Pressure::kAllKeys, 6}, {Ticks(2), 3, 7}}));
  EXPECT_EQ(up.tracks[1].pressures, score.tracks[1].pressures);
  EXPECT_EQ(transposed(score, -1)->tracks[0].pressures,
            (std::vector<Pressure>{{Ticks(0), 59, 5}, {Ticks(1), Pressure::kAllKeys, 6}, {Ticks(3), 126, 8}}));
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

// The pitch class of a root at the beginning of `text`, and how many accidentals it has.
std::pair<int, int> root_of(const std::string& text) {
  constexpr std::array<int, 7> kNatural = {9, 11, 0, 2, 4, 5, 7};  // A to G
  int pitch_class = kNatural.at(static_cast<std::size_t>(text.at(0) - 'A'));
  int accidentals = 0;
  for (std::size_t i = 1; i < text.size() && (text[i] == '#' || text[i] == 'b'); ++i, ++accidentals) {
    pitch_class += text[i] == '#' ? 1 : 11;
  }
  return {pitch_class % 12, accidentals};
}

TEST(Transpose, Chord_MovesRootAndBassByTheSameIntervalWithOneAccidentalAtMost) {
  for (const char letter : std::string("ABCDEFG")) {
    for (const std::string accidental : {"", "#", "b", "##", "bb"}) {
      const std::string root = letter + accidental;
      for (int fifths = -14; fifths <= 14; ++fifths) {
        const std::string moved = transposed_chord(root + "m7/E", fifths);
        const std::size_t slash = moved.find('/');
        ASSERT_NE(slash, std::string::npos) << moved;
        if (fifths == 0) {
          EXPECT_EQ(moved, root + "m7/E");
          continue;
        }
        const int semitones = 7 * (fifths + 24);
        const auto [new_root, accidentals] = root_of(moved);
        EXPECT_EQ(new_root, (root_of(root).first + semitones) % 12) << root << " by " << fifths << ": " << moved;
        EXPECT_LE(accidentals, 1) << moved;
        EXPECT_EQ(moved.substr(std::size_t(1 + accidentals), slash - std::size_t(1 + accidentals)), "m7") << moved;
        const auto [new_bass, bass_accidentals] = root_of(moved.substr(slash + 1));
        EXPECT_EQ(new_bass, (root_of("E").first + semitones) % 12) << root << " by " << fifths << ": " << moved;
        EXPECT_LE(bass_accidentals, 1) << moved;
      }
    }
  }
}

TEST(Transpose, Chord_OnTheLineOfFifthsKeepsItsSpelling) {
  // From Fb to B# each is a fifth above the one before.
  const std::vector<std::string> line = {"Fb", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F",  "C",  "G", "D",
                                         "A",  "E",  "B",  "F#", "C#", "G#", "D#", "A#", "E#", "B#"};
  for (int from = 0; from < 21; ++from) {
    for (int to = 0; to < 21; ++to) {
      EXPECT_EQ(transposed_chord(line[std::size_t(from)], to - from), line[std::size_t(to)]);
    }
  }
}

TEST(Transpose, Keys_HaveAtMostSixFlatsOrFiveSharpsAndTheRightTonic) {
  for (int fifths = -7; fifths <= 7; ++fifths) {
    Score score;
    score.key_signatures = {{Ticks(0), fifths, false}};
    for (int semitones = -24; semitones <= 24; ++semitones) {
      const int moved = transposed(score, semitones)->key_signatures[0].fifths;
      EXPECT_EQ((7 * (moved + 24)) % 12, (7 * (fifths + 24) + semitones + 24) % 12) << fifths << " by " << semitones;
      if (semitones % 12 == 0) {
        EXPECT_EQ(moved, fifths);
      } else {
        EXPECT_TRUE(moved >= -6 && moved <= 5) << fifths << " by " << semitones << ": " << moved;
      }
    }
  }
}

TEST(Transpose, ErrorsNameTheDistancesThatArePossible) {
  const std::string what = transposed(sample(), 8).error().what;
  EXPECT_NE(what.find("by 8"), std::string::npos) << what;
  EXPECT_NE(what.find("-60 to 7"), std::string::npos) << what;
}

}  // namespace
}  // namespace continuo::score
