#include "continuo/score/chord.h"

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

std::string text_of(const std::vector<BarChords>& bars) {
  std::string text;
  for (const BarChords& bar : bars) {
    for (const auto& chord : bar) text += (chord ? symbol_of(*chord) : std::string("N.C.")) + " ";
    text += "| ";
  }
  return text;
}

std::string read(std::string_view text) {
  const auto bars = read_progression(text);
  return bars.ok() ? text_of(*bars) : bars.error().what;
}

TEST(Chord, SymbolsAreReadAndWritten) {
  for (int root = 0; root < 12; ++root) {
    for (int kind = 0; kind < Chord::kKinds; ++kind) {
      const Chord chord{root, kind};
      EXPECT_EQ(nearest_chord(symbol_of(chord)), chord);
      EXPECT_EQ(nearest_chord(symbol_of(chord, -1)), chord);
    }
  }
}

TEST(Chord, OtherKindsAreTakenForTheNearest) {
  const auto nearest = [](std::string_view symbol) { return symbol_of(nearest_chord(symbol).value()); };
  EXPECT_EQ(nearest("C9"), "C7");
  EXPECT_EQ(nearest("Dm9"), "Dm7");
  EXPECT_EQ(nearest("Cadd9"), "C");
  EXPECT_EQ(nearest("C/E"), "C");
  EXPECT_EQ(nearest("Gsus4"), "G");
  EXPECT_EQ(nearest_chord("N.C."), std::nullopt);
  EXPECT_EQ(nearest_chord("H"), std::nullopt);
}

TEST(Chord, PitchClassesAreThoseOfItsNotes) {
  EXPECT_EQ(pitch_classes({.root = 0, .kind = 0}), 0b000010010001);
  EXPECT_EQ(pitch_classes({.root = 9, .kind = 1}), 0b001000010001);
}

TEST(Progression, AChordForEachBar) {
  EXPECT_EQ(read("Am F  C G7"), "Am | F | C | G7 | ");
  EXPECT_EQ(read("Am,F, C G7"), "Am | F | C | G7 | ");
  EXPECT_EQ(read("C\u266Fm7 B\u266D"), "C#m7 | A# | ");
}

TEST(Progression, BarLinesAllowTwoChordsInABar) {
  EXPECT_EQ(read("Am | F C | % | N.C."), "Am | F C | F C | N.C. | ");
  EXPECT_EQ(read("| Am | F |"), "Am | F | ");
}

TEST(Progression, WhatIsNotUnderstoodIsNamed) {
  EXPECT_EQ(read("Am X"), "'X' is no chord; a chord is written like Am, F#m7 or Bdim");
  EXPECT_EQ(read("C D E | F"), "bar 1: a bar has one chord, or two, one for each half");
  EXPECT_EQ(read("C | F %"), "bar 2: '%' stands for a whole bar, with no chord beside it");
  EXPECT_EQ(read("% | C"), "'%' repeats the bar before, and there is none");
  EXPECT_EQ(read(" | "), "a progression has a chord at least, such as \"Am F C G\"");
}

TEST(Chord, TheBestOneHasTheLongestNotes) {
  EXPECT_EQ(best_chord({4, 0, 1, 0, 4, 0, 0, 4, 0, 0, 0, 0})->chord, (Chord{.root = 0, .kind = 0}));
  EXPECT_EQ(best_chord({2, 0, 0, 0, 2, 0, 0, 0, 0, 4, 0, 0})->chord, (Chord{.root = 9, .kind = 1}));
  EXPECT_FALSE(best_chord({1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}).has_value());
  EXPECT_FALSE(best_chord({}).has_value());
}

}  // namespace
}  // namespace continuo::score
