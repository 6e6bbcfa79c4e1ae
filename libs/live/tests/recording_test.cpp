#include "continuo/live/recording.h"

#include <gtest/gtest.h>

namespace continuo::live {
namespace {

using score::Ticks;

TEST(Recorded, PartsBeginWithTheFirstMessageOfAll) {
  const std::vector<RecordedPart> parts = {
      {"call", {{from_seconds(5), Message::note_on(0, 60, 80)}, {from_seconds(5.5), Message::note_off(0, 60)}}, 4},
      {"answer", {{from_seconds(6), Message::note_on(1, 72, 70)}, {from_seconds(6.25), Message::note_off(1, 72)}}}};
  const score::Score score = recorded(parts, {.quarters_per_minute = 60});
  ASSERT_EQ(score.tracks.size(), 2U);
  EXPECT_EQ(score.tracks[0].program, 4);
  EXPECT_EQ(score.tracks[0].notes, (std::vector<score::Note>{{Ticks(0), Ticks(480), 60, 80}}));
  EXPECT_EQ(score.tracks[1].notes, (std::vector<score::Note>{{Ticks(960), Ticks(240), 72, 70}}));
}

TEST(Recorded, ANoteWithoutAnEndLastsUntilTheLastMessage) {
  const std::vector<RecordedPart> parts = {
      {"call", {{from_seconds(0), Message::note_on(0, 60, 80)}, {from_seconds(1), Message::control(0, 64, 127)}}}};
  const score::Score score = recorded(parts, {.quarters_per_minute = 60});
  EXPECT_EQ(score.tracks[0].notes[0].duration, Ticks(960));
  EXPECT_EQ(score.tracks[0].controls, (std::vector<score::ControlChange>{{Ticks(960), 64, 127}}));
}

TEST(Recorded, NothingIsAScoreWithoutNotes) { EXPECT_EQ(recorded({}, {}).note_count(), 0U); }

}  // namespace
}  // namespace continuo::live
