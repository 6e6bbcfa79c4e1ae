#include "continuo/metrics/piece_faults.h"

#include <gtest/gtest.h>

#include "scores.h"

namespace continuo::metrics {
namespace {

using score::Note;

constexpr int kBar = 1920;

TEST(PieceFaults, NoNotes_None) {
  const auto faults = piece_faults(score::Score{});
  EXPECT_EQ(faults.equal_bars, 0);
  EXPECT_EQ(faults.silent_quarters, 0);
  EXPECT_EQ(faults.longest_note_bars, 0);
}

TEST(PieceFaults, EqualBars_InARowOnly) {
  std::vector<Note> notes;
  for (const int bar : {0, 1, 3, 4, 5}) notes.push_back(note(bar * kBar, 480, 60));
  notes.push_back(note(5 * kBar + 480, 480, 64));
  // 0 and 1 are equal, 2 is empty, 3 and 4 are equal, 5 has a note more.
  EXPECT_EQ(piece_faults(score_of(notes)).equal_bars, 2);
}

TEST(PieceFaults, EqualBars_DifferInLengthOrInstrument) {
  auto score = score_of({note(0, 480, 60), note(kBar, 240, 60)});
  EXPECT_EQ(piece_faults(score).equal_bars, 1);
  score = score_of({note(0, 480, 60)});
  score.tracks.push_back(score_of({note(kBar, 480, 60)}).tracks.front());
  score.tracks.back().program = 40;
  EXPECT_EQ(piece_faults(score).equal_bars, 1);
}

TEST(PieceFaults, Silence_BetweenNotesOnly) {
  // A bar of silence before the first note does not count; a long note bridges what a short one leaves.
  const auto faults = piece_faults(
      score_of({note(kBar, 1440, 60), note(kBar, 240, 64), note(kBar + 1440, 480, 60), note(3 * kBar, 480, 60)}));
  EXPECT_DOUBLE_EQ(faults.silent_quarters, 4);
}

TEST(PieceFaults, LongestNote_InBarsOfItsMeter) {
  auto score = score_of({note(0, 2880, 60), note(0, 480, 64)});
  score.time_signatures = {{score::Ticks(0), 3, 4}};
  EXPECT_DOUBLE_EQ(piece_faults(score).longest_note_bars, 2);
}

}  // namespace
}  // namespace continuo::metrics
