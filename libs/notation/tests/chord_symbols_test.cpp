#include "../src/written/chord_symbols.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::notation {
namespace {

constexpr int kLowest = 48, kHighest = 67;

int pitch_class_of(const std::string& note) {
  const int natural = std::string("C D EF G A B").find(note[0]) & 15;
  return (natural + (note.ends_with('#') ? 1 : 0) - static_cast<int>(std::count(note.begin() + 1, note.end(), 'b')) +
          12) %
         12;
}

// Pitch classes of "C Eb G", moved up.
std::set<int> pitch_classes_of(const std::string& notes, int semitones) {
  std::istringstream words(notes);
  std::set<int> classes;
  for (std::string note; words >> note;) classes.insert((pitch_class_of(note) + semitones) % 12);
  return classes;
}

// Kinds of chords with their notes on C.
struct Kind {
  std::vector<const char*> names;
  const char* notes;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {{"", "maj", "M"}, "C E G"},
      {{"m", "min", "-"}, "C Eb G"},
      {{"7"}, "C E G Bb"},
      {{"m7", "min7", "-7"}, "C Eb G Bb"},
      {{"maj7", "M7", "Maj7", "ma7"}, "C E G B"},
      {{"dim", "d", "o"}, "C Eb Gb"},
      {{"dim7", "o7", "d7"}, "C Eb Gb A"},
      {{"m7b5", "m7(b5)"}, "C Eb Gb Bb"},
      {{"aug", "+", "a"}, "C E G#"},
      {{"aug7", "+7", "a7", "7#5", "7+", "7(#5)"}, "C E G# Bb"},
      {{"7b5", "7(b5)"}, "C E Gb Bb"},
      {{"6"}, "C E G A"},
      {{"m6", "min6"}, "C Eb G A"},
      {{"sus", "sus4"}, "C F G"},
      {{"sus2"}, "C D G"},
      {{"7sus4", "7sus"}, "C F G Bb"},
      {{"5", "(no3)"}, "C G"},
      {{"add9", "(add9)", "(add2)"}, "C E G D"},
      {{"m(add9)"}, "C Eb G D"},
      {{"9"}, "C E G Bb D"},
      {{"m9"}, "C Eb G Bb D"},
      {{"maj9"}, "C E G B D"},
      {{"7b9", "7(b9)"}, "C E G Bb Db"},
      {{"7#9", "7(#9)"}, "C E G Bb D#"},
      {{"6/9"}, "C E G A D"},
      {{"m6/9"}, "C Eb G A D"},
      {{"aug9"}, "C E G# Bb D"},
      {{"11"}, "C G Bb D F"},
      {{"maj11"}, "C G B D F"},
      {{"m11"}, "C Eb G Bb D F"},
      {{"13"}, "C E Bb D A"},
      {{"maj13"}, "C E B D A"},
      {{"m13"}, "C Eb Bb D A"},
      {{"mM7", "m(maj7)"}, "C Eb G B"},
      {{"7(no5)"}, "C E Bb"},
      {{"7(add13)", "7(add6)"}, "C E G Bb A"},
      {{"7(b9)(#5)"}, "C E G# Bb Db"},
      {{"7(#11)"}, "C E G Bb F#"},
      {{"m(#7)"}, "C Eb G B"},
      {{"(b3)"}, "C Eb G"},
      {{"(add4)"}, "C E G F"},
      {{"(add1)", "(add8)"}, "C E G"},
      {{"(add10)"}, "C E G"},
      {{"(add12)"}, "C E G"},
  };
  return all;
}

const std::vector<std::pair<std::string, int>> kRoots = {
    {"C", 0}, {"C#", 1}, {"Db", 1}, {"D", 2},   {"Eb", 3}, {"E", 4},   {"F", 5},  {"F#", 6},
    {"G", 7}, {"Ab", 8}, {"A", 9},  {"Bb", 10}, {"B", 11}, {"Cb", 11}, {"E#", 5}, {"B#", 0}};

std::set<int> classes(const std::vector<std::uint8_t>& pitches) {
  std::set<int> all;
  for (const std::uint8_t pitch : pitches) all.insert(pitch % 12);
  return all;
}

TEST(ChordSymbols, EveryKindOnEveryRootHasItsNotes) {
  for (const Kind& kind : kinds()) {
    for (const std::string name : kind.names) {
      for (const auto& [root, semitones] : kRoots) {
        const auto pitches = chord_pitches(root + name);
        ASSERT_TRUE(pitches) << root << name;
        EXPECT_EQ(classes(*pitches), pitch_classes_of(kind.notes, semitones)) << root << name;
      }
    }
  }
}

TEST(ChordSymbols, ChordsLieInCloseRangeAndBeginWithTheirBass) {
  for (const Kind& kind : kinds()) {
    for (const auto& [root, semitones] : kRoots) {
      const auto pitches = chord_pitches(root + kind.names[0]);
      ASSERT_TRUE(pitches);
      EXPECT_TRUE(std::ranges::is_sorted(*pitches));
      EXPECT_EQ(std::ranges::adjacent_find(*pitches), pitches->end());
      EXPECT_GE(pitches->front(), kLowest);
      EXPECT_LE(pitches->back(), kHighest);
      EXPECT_NE(std::ranges::find(*pitches, kLowest + semitones), pitches->end()) << root << kind.names[0];
    }
  }
  EXPECT_EQ(*chord_pitches("C"), (std::vector<std::uint8_t>{48, 52, 55}));
  EXPECT_EQ(*chord_pitches("B7"), (std::vector<std::uint8_t>{57, 59, 63, 66})) << "an octave lower beyond the range";
}

TEST(ChordSymbols, ABassIsPutBelowTheChord) {
  const std::vector<std::pair<const char*, std::vector<std::uint8_t>>> cases = {
      {"C/E", {52, 55, 60}},
      {"C/G", {55, 60, 64}},
      {"Am7/G", {55, 57, 60, 64}},
      {"C/D", {50, 52, 55, 60}},
      {"C/e", {52, 55, 60}},
      {"F/g+", {56, 57, 60, 65}},
      {"Gm/Bb", {58, 62, 67}},
      {"C/bb", {58, 60, 64, 67}},
      {"C6/9", {48, 50, 52, 55, 57}},
      {"B/A", {57, 59, 63, 66}},
      {"G7(b9)/B", {56, 59, 62, 65, 67}}};  // Ab would be above the range
  for (const auto& [symbol, expected] : cases) {
    const auto pitches = chord_pitches(symbol);
    ASSERT_TRUE(pitches) << symbol;
    EXPECT_EQ(*pitches, expected) << symbol;
  }
}

TEST(ChordSymbols, NoChordIsSilence) {
  for (const char* symbol : {"N.C.", "NC", "N.C"}) EXPECT_EQ(chord_pitches(symbol), std::vector<std::uint8_t>{});
}

TEST(ChordSymbols, WhatIsNoChordIsNotUnderstood) {
  for (const char* symbol : {"", "H", "h7", "c", "Cfoo", "C(", "C()", "C(b14)", "C(add)", "C(5", "C/", "C/H", "C/Ex",
                             "/E", "Cm7b", "N.C.x", "C##"})
    EXPECT_FALSE(chord_pitches(symbol)) << symbol;
  EXPECT_TRUE(chord_pitches("C" + std::string(8, ' ').replace(0, 8, "(add9)")));
  std::string many = "C";
  for (int i = 0; i < 12; ++i) many += "(add9)";
  EXPECT_FALSE(chord_pitches(many)) << "beyond 64 characters";
}

std::string played(ChordPlayer& player, const std::vector<PlacedSymbol>& symbols, bool is_after_break = false) {
  std::string text;
  for (const ChordSpan& span : player.play(symbols, 100, is_after_break))
    text += (text.empty() ? "" : " ") + std::to_string(span.begin) + "-" + std::to_string(span.end) + ":" +
            std::to_string(span.pitches.front());
  return text;
}

TEST(ChordPlayer, HoldsAChordUntilTheNextOrABreak) {
  ChordPlayer player;
  EXPECT_EQ(played(player, {}), "");
  EXPECT_EQ(played(player, {{25, "C"}, {50, "D"}}), "25-50:48 50-100:50");
  EXPECT_EQ(played(player, {}), "0-100:50") << "struck again in the next bar";
  EXPECT_EQ(played(player, {{50, "hm"}, {75, "E"}}), "0-75:50 75-100:52") << "what is not understood changes nothing";
  EXPECT_EQ(played(player, {{50, "N.C."}}), "0-50:52");
  EXPECT_EQ(played(player, {}), "");
  EXPECT_EQ(played(player, {{0, "C"}, {0, "D"}, {100, "E"}}), "0-100:50") << "of several at once the last";
  EXPECT_EQ(played(player, {}), "0-100:52");
  EXPECT_EQ(played(player, {{50, "C"}}, true), "50-100:48");
}

}  // namespace
}  // namespace continuo::notation
