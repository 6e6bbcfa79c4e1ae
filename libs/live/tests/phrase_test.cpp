#include "continuo/live/phrase.h"

#include <gtest/gtest.h>

namespace continuo::live {
namespace {

using score::Ticks;

BeatGrid half_seconds() { return BeatGrid::through(from_seconds(1), 0, from_seconds(0.5)); }

TEST(HeardPhrase, KeysBecomeNotesOnTheGrid) {
  HeardPhrase phrase;
  phrase.press(from_seconds(1), 60, 80);
  phrase.press(from_seconds(1.51), 64, 70);
  phrase.release(from_seconds(1.5), 60);
  phrase.release(from_seconds(2.01), 64);
  EXPECT_FALSE(phrase.is_key_down());
  EXPECT_EQ(phrase.last_event(), from_seconds(2.01));
  const auto notes = phrase.follow(half_seconds(), from_seconds(3)).notes;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].onset, 0);
  EXPECT_NEAR(notes[0].length, 1, 0.03);  // the second note may mean a slower tempo
  EXPECT_EQ(notes[0].pitch, 60);
  EXPECT_EQ(notes[1].onset, 1);
  EXPECT_NEAR(notes[1].length, 1, 0.03);
  EXPECT_EQ(notes[1].pitch, 64);
  EXPECT_EQ(notes[1].velocity, 70);
}

TEST(HeardPhrase, AKeyThatIsDownLastsUntilNow) {
  HeardPhrase phrase;
  phrase.press(from_seconds(1), 60, 80);
  EXPECT_TRUE(phrase.is_key_down());
  EXPECT_DOUBLE_EQ(phrase.follow(half_seconds(), from_seconds(3)).notes[0].length, 4);
}

TEST(HeardPhrase, AKeyThatIsStruckAnewHasBeenLifted) {
  HeardPhrase phrase;
  phrase.press(from_seconds(1), 60, 80);
  phrase.press(from_seconds(1.5), 60, 80);
  phrase.release(from_seconds(2), 60);
  EXPECT_FALSE(phrase.is_key_down());
  EXPECT_DOUBLE_EQ(phrase.follow(half_seconds(), from_seconds(3)).notes[0].length, 1);
}

TEST(Written, CountsFromItsFirstBarLine) {
  const std::vector<PhraseNote> notes = {{3, 1, 50, 80}, {4, 1, 60, 80}, {7.5, 2, 62, 81}, {8, 1, 64, 82}};
  const score::Score score = written(notes, 4, 8, {.quarters_per_minute = 120, .program = 11});
  EXPECT_EQ(score.tempos[0].microseconds_per_quarter, 500000);
  EXPECT_EQ(score.tracks[0].program, 11);
  EXPECT_EQ(score.tracks[0].notes,
            (std::vector<score::Note>{{Ticks(0), Ticks(480), 60, 80}, {Ticks(1680), Ticks(240), 62, 81}}));
}

TEST(Written, LeavesOutBarsOfSilence) {
  const std::vector<PhraseNote> notes = {{0, 1, 60, 80}, {3, 2, 62, 80}, {16, 1, 64, 80}};  // bars 1, 2 and 5
  const score::Score score = written(notes, 0, 24, {});
  EXPECT_EQ(score.tracks[0].notes,
            (std::vector<score::Note>{
                {Ticks(0), Ticks(480), 60, 80}, {Ticks(1440), Ticks(960), 62, 80}, {Ticks(3840), Ticks(480), 64, 80}}));
}

TEST(BarAfter, TakesTheNextBarAlone) {
  score::Score given = written(std::vector<PhraseNote>{{0, 1, 60, 80}}, 0, 4, {});
  score::Score composed = given;
  composed.tracks[0].notes.push_back({Ticks(1920), Ticks(240), 65, 90});
  composed.tracks[0].notes.push_back({Ticks(2400), Ticks(99999), 67, 91});
  composed.tracks[0].notes.push_back({Ticks(3840), Ticks(480), 69, 92});
  EXPECT_EQ(bar_after(given, composed, 12), (std::vector<PhraseNote>{{12, 0.5, 65, 90}, {13, 8, 67, 91}}));
}

TEST(BarAfter, LeavesOutDrums) {
  score::Score given = written(std::vector<PhraseNote>{{0, 1, 60, 80}}, 0, 4, {});
  score::Score composed = given;
  composed.tracks.push_back({.is_drum = true, .notes = {{Ticks(1920), Ticks(240), 36, 90}}});
  EXPECT_TRUE(bar_after(given, composed, 4).empty());
}

}  // namespace
}  // namespace continuo::live
