#include "continuo/live/recording.h"

#include <gtest/gtest.h>

namespace continuo::live {
namespace {

using score::Ticks;

TEST(Recorded, PartsBeginWithTheFirstMessageOfAll) {
  const std::vector<RecordedPart> parts = {
      {"call", {{from_seconds(5), Message::note_on(0, 60, 80)}, {from_seconds(5.5), Message::note_off(0, 60)}}, 4},
      {"answer", {{from_seconds(6), Message::note_on(1, 72, 70)}, {from_seconds(6.25), Message::note_off(1, 72)}}}};
  const score::Score score = recorded(parts, {}, {.quarters_per_minute = 60});
  ASSERT_EQ(score.tracks.size(), 2U);
  EXPECT_EQ(score.tracks[0].program, 4);
  EXPECT_EQ(score.tracks[0].notes, (std::vector<score::Note>{{Ticks(0), Ticks(480), 60, 80}}));
  EXPECT_EQ(score.tracks[1].notes, (std::vector<score::Note>{{Ticks(960), Ticks(240), 72, 70}}));
}

TEST(Recorded, ANoteWithoutAnEndLastsUntilTheLastMessage) {
  const std::vector<RecordedPart> parts = {
      {"call", {{from_seconds(0), Message::note_on(0, 60, 80)}, {from_seconds(1), Message::control(0, 64, 127)}}}};
  const score::Score score = recorded(parts, {}, {.quarters_per_minute = 60});
  EXPECT_EQ(score.tracks[0].notes[0].duration, Ticks(960));
  EXPECT_EQ(score.tracks[0].controls, (std::vector<score::ControlChange>{{Ticks(960), 64, 127}}));
}

// A call at 100 quarters a minute whose first note is an upbeat, its answer, and a call after a silence.
TEST(Recorded, BarLinesAreWhereTheBeatHadThem) {
  const Time quarter = from_seconds(0.6);
  const auto note_at = [](double second) { return TimedMessage{from_seconds(second), Message::note_on(0, 60, 80)}; };
  const std::vector<RecordedPart> parts = {{"calls", {note_at(1), note_at(1.6), note_at(20.8)}},
                                           {"answers", {note_at(6.4)}}};
  const std::vector<Anchor> anchors = {{from_seconds(1), 3, quarter},
                                       {from_seconds(6.4), 12, quarter},
                                       {from_seconds(8.8), 16, quarter},
                                       {from_seconds(20.8), 20, quarter}};
  const score::Score score = recorded(parts, anchors, {});
  const auto& calls = score.tracks[0].notes;
  EXPECT_EQ(calls[0].onset, Ticks(3 * 960));
  EXPECT_EQ(calls[1].onset, Ticks(4 * 960));
  EXPECT_EQ(score.tracks[1].notes[0].onset, Ticks(12 * 960));
  EXPECT_EQ(calls[2].onset, Ticks(36 * 960));  // 20 quarters of silence and not four
  for (const score::Tempo& tempo : score.tempos) EXPECT_NEAR(tempo.quarters_per_minute(), 100, 0.01);
  EXPECT_NEAR(score.tempo_map().to_seconds(calls[2].onset).value - score.tempo_map().to_seconds(calls[0].onset).value,
              19.8, 0.001);
}

TEST(Recorded, NothingIsAScoreWithoutNotes) { EXPECT_EQ(recorded({}, {}, {}).note_count(), 0U); }

}  // namespace
}  // namespace continuo::live
