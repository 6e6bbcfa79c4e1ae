#include "continuo/score/chord_names.h"

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

std::string name(std::vector<std::uint8_t> pitches, int fifths = 0) { return chord_name(pitches, fifths); }

TEST(ChordName, TriadsAndSevenths) {
  EXPECT_EQ(name({60, 64, 67}), "C");
  EXPECT_EQ(name({57, 60, 64}), "Am");
  EXPECT_EQ(name({54, 57, 61, 64}), "F#m7");
  EXPECT_EQ(name({55, 59, 62, 65}), "G7");
  EXPECT_EQ(name({60, 64, 67, 71}), "Cmaj7");
  EXPECT_EQ(name({59, 62, 65}), "Bdim");
  EXPECT_EQ(name({59, 62, 65, 69}), "Bm7b5");
  EXPECT_EQ(name({60, 64, 68}), "Caug");
  EXPECT_EQ(name({60, 65, 67}), "Csus4");
  EXPECT_EQ(name({43, 62, 69, 71, 77}), "G9");
}

TEST(ChordName, OrderAndOctavesDoNotMatter) { EXPECT_EQ(name({91, 48, 64, 76, 60}), "C"); }

TEST(ChordName, InversionsNameTheBass) {
  EXPECT_EQ(name({64, 67, 72}), "C/E");
  EXPECT_EQ(name({59, 62, 65, 67}), "G7/B");
}

TEST(ChordName, TheLowestNoteIsTheRootWherePossible) {
  EXPECT_EQ(name({57, 60, 64, 67}), "Am7");
  EXPECT_EQ(name({60, 64, 67, 69}), "C6");
}

TEST(ChordName, SeventhMayLackItsFifth) { EXPECT_EQ(name({55, 59, 65}), "G7"); }

TEST(ChordName, FlatKeysSpellFlats) {
  EXPECT_EQ(name({58, 62, 65}), "A#");
  EXPECT_EQ(name({58, 62, 65}, -2), "Bb");
}

TEST(ChordName, NoChordHasNoName) {
  EXPECT_EQ(name({}), "");
  EXPECT_EQ(name({60}), "");
  EXPECT_EQ(name({60, 61, 62}), "");
}

void add(Score& score, int bar, std::vector<int> pitches) {
  for (const int pitch : pitches) {
    score.tracks[0].notes.push_back({Ticks(1920 * bar), Ticks(1920), static_cast<std::uint8_t>(pitch), 80});
  }
}

TEST(BarChords, OneNamePerBarInTheSpellingOfTheKey) {
  Score score;
  score.tracks.resize(1);
  score.key_signatures = {{Ticks(0), -2, false}};
  add(score, 0, {46, 58, 62, 65});
  add(score, 1, {43, 55, 58, 62});
  add(score, 2, {41, 57, 60, 63});
  add(score, 4, {60, 61, 62, 63, 64});
  score.tracks[0].notes.push_back({Ticks(0), Ticks(60), 64, 80});
  score.sort();
  const std::vector<std::string> chords = bar_chords(score, BarGrid(score));
  EXPECT_EQ(chords, (std::vector<std::string>{"Bb", "Gm", "F7", "", ""}));
}

TEST(BarChords, ANoteHeldOverManyBarsCountsInEach) {
  Score score;
  score.tracks.resize(1);
  for (const int pitch : {48, 64, 67}) {
    score.tracks[0].notes.push_back({Ticks(960), Ticks(1920 * 3), static_cast<std::uint8_t>(pitch), 80});
  }
  EXPECT_EQ(bar_chords(score, BarGrid(score)), (std::vector<std::string>{"C", "C", "C", "C"}));
}

}  // namespace
}  // namespace continuo::score
