#include "continuo/live/schedule.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace continuo::live {
namespace {

using score::Ticks;

// Two notes of a piano, the second after the tempo has halved, and a drum.
score::Score piece() {
  score::Score score;
  score.tempos = {{Ticks(0), 500000}, {Ticks(480), 1000000}};
  score.tracks.resize(2);
  score.tracks[0].program = 5;
  score.tracks[0].controls = {{Ticks(0), 7, 90}};
  score.tracks[0].notes = {{Ticks(0), Ticks(480), 60, 80}, {Ticks(480), Ticks(480), 62, 81}};
  score.tracks[1].is_drum = true;
  score.tracks[1].notes = {{Ticks(960), Ticks(120), 36, 100}};
  return score;
}

std::vector<TimedMessage> notes_of(const std::vector<TimedMessage>& messages) {
  std::vector<TimedMessage> notes;
  std::ranges::copy_if(messages, std::back_inserter(notes),
                       [](const TimedMessage& timed) { return timed.message.starts_note(); });
  return notes;
}

TEST(Schedule, NotesComeAtTheirSeconds) {
  const auto notes = notes_of(*schedule(piece()));
  EXPECT_EQ(notes, (std::vector<TimedMessage>{{from_seconds(0), Message::note_on(0, 60, 80)},
                                              {from_seconds(0.5), Message::note_on(0, 62, 81)},
                                              {from_seconds(1.5), Message::note_on(9, 36, 100)}}));
}

TEST(Schedule, EveryNoteEndsAndTimesNeverFall) {
  const auto messages = *schedule(piece());
  EXPECT_EQ(std::ranges::count_if(messages, [](const auto& timed) { return timed.message.ends_note(); }), 3);
  EXPECT_TRUE(std::ranges::is_sorted(messages, {}, &TimedMessage::at));
}

TEST(Schedule, FromTheMiddleItKeepsSettingsAndLeavesOutWhatBeganBefore) {
  const auto messages = from(*schedule(piece()), from_seconds(0.25));
  EXPECT_EQ(messages[0], (TimedMessage{Time{}, Message::control(0, 7, 90)}));
  EXPECT_NE(std::ranges::find(messages, TimedMessage{Time{}, Message::program(0, 5)}), messages.end());
  EXPECT_EQ(notes_of(messages)[0], (TimedMessage{from_seconds(0.25), Message::note_on(0, 62, 81)}));
  EXPECT_EQ(std::ranges::count_if(messages, [](const auto& timed) { return timed.message.ends_note(); }), 2);
}

}  // namespace
}  // namespace continuo::live
