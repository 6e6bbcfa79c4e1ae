#include "continuo/score/melody.h"

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

Note note(int onset, int duration, int pitch) {
  return {.onset = Ticks(onset), .duration = Ticks(duration), .pitch = std::uint8_t(pitch)};
}

Score piece(const std::vector<Note>& notes) {
  Score score;
  score.ticks_per_quarter = 10;
  score.tracks.push_back({.notes = notes});
  return score;
}

TEST(Melody, TakesTheHighestNoteOfEachOnset) {
  EXPECT_EQ(melody_of(piece({note(0, 10, 48), note(0, 10, 64), note(0, 10, 72), note(10, 10, 52), note(10, 10, 71)})),
            (std::vector{note(0, 10, 72), note(10, 10, 71)}));
}

TEST(Melody, LeavesOutWhatBeginsBelowASoundingNote) {
  EXPECT_EQ(melody_of(piece({note(0, 40, 72), note(10, 10, 64), note(20, 10, 67), note(40, 10, 70)})),
            (std::vector{note(0, 40, 72), note(40, 10, 70)}));
}

TEST(Melody, EndsANoteWhereAHigherOneBegins) {
  EXPECT_EQ(melody_of(piece({note(0, 40, 60), note(10, 10, 72)})), (std::vector{note(0, 10, 60), note(10, 10, 72)}));
}

TEST(Melody, KeepsAnAccompanimentOutOfItsRests) {
  EXPECT_EQ(melody_of(piece({note(0, 10, 76), note(20, 10, 50), note(30, 10, 69)})),
            (std::vector{note(0, 10, 76), note(30, 10, 69)}));
}

TEST(Melody, GoesToALowerOctaveAfterFourQuarters) {
  EXPECT_EQ(melody_of(piece({note(0, 10, 76), note(49, 10, 50), note(60, 10, 52)})),
            (std::vector{note(0, 10, 76), note(60, 10, 52)}));
  EXPECT_EQ(melody_of(piece({note(0, 10, 76), note(50, 10, 50)})), (std::vector{note(0, 10, 76), note(50, 10, 50)}));
}

TEST(Melody, ReadsAllTracksButDrums) {
  Score score = piece({note(0, 10, 60)});
  score.tracks.push_back({.notes = {note(5, 10, 72)}});
  score.tracks.push_back({.is_drum = true, .notes = {note(6, 10, 81)}});
  EXPECT_EQ(melody_of(score), (std::vector{note(0, 5, 60), note(5, 10, 72)}));
  EXPECT_TRUE(melody_of(Score()).empty());
}

}  // namespace
}  // namespace continuo::score
