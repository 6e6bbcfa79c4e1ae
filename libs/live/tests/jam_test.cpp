#include "continuo/live/jam.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "continuo/live/held_notes.h"

namespace continuo::live {
namespace {

// Repeats the last bar an octave higher, when `is_ready`.
struct Echo final : Composing {
  bool is_ready = true;
  int questions = 0;
  std::optional<Error> error;
  std::optional<score::Score> asked;

  void ask(score::Score piece) override {
    asked = std::move(piece);
    ++questions;
  }
  std::optional<Result<score::Score>> answer() override {
    if (!is_ready || !asked) return std::nullopt;
    score::Score piece = *std::exchange(asked, std::nullopt);
    if (error) return Result<score::Score>(*error);
    constexpr score::Ticks kBar(1920);
    const score::Ticks begin((piece.end().value - 1) / 1920 * 1920);
    auto& notes = piece.tracks[0].notes;
    for (const score::Note note : std::vector(notes))
      if (note.onset >= begin)
        notes.push_back({note.onset + kBar, note.duration, std::uint8_t(note.pitch + 12), note.velocity});
    return Result<score::Score>(std::move(piece));
  }
};

// A jam and its time, which passes in steps of 10 ms. Half a second is a quarter.
class Session {
 public:
  explicit Session(JamOptions options = {.pause = 2})
      : jam_((options.notation.quarters_per_minute = 120, options), echo_) {}

  void wait_until(double second) {
    for (; now_ < from_seconds(second); now_ += std::chrono::milliseconds(10)) take();
    take();
  }
  void press(double second, int pitch) {
    wait_until(second);
    jam_.hear({from_seconds(second), Message::note_on(0, pitch, 80)});
  }
  void release(double second, int pitch) {
    wait_until(second);
    jam_.hear({from_seconds(second), Message::note_off(0, pitch)});
  }
  // Four quarters from `second` on: a bar.
  void play_bar(double second, double quarter = 0.5) {
    for (int i = 0; i < 4; ++i) {
      press(second + i * quarter, 60 + i);
      release(second + (i + 0.9) * quarter, 60 + i);
    }
  }

  // Seconds at which the answers' notes begin.
  std::vector<double> onsets() const {
    std::vector<double> seconds;
    for (const TimedMessage& timed : played_)
      if (timed.message.starts_note()) seconds.push_back(to_seconds(timed.at));
    return seconds;
  }
  // Of all that was given away, none is left sounding.
  bool all_notes_end() const {
    HeldNotes held;
    for (const TimedMessage& timed : played_) held.watch(timed.message);
    return held.empty();
  }
  // Whether each message was given away before it was due.
  bool all_in_time() const { return in_time_; }

  Jam& jam() { return jam_; }
  Echo& echo() { return echo_; }

 private:
  void take() {
    for (const TimedMessage& timed : jam_.advance(now_)) {
      in_time_ = in_time_ && timed.at >= now_;
      played_.push_back(timed);
    }
    std::ranges::stable_sort(played_, {}, &TimedMessage::at);
  }

  Echo echo_;
  Jam jam_;
  Time now_{};
  std::vector<TimedMessage> played_;
  bool in_time_ = true;
};

void expect_near(const std::vector<double>& values, const std::vector<double>& wanted) {
  ASSERT_EQ(values.size(), wanted.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], wanted[i], 1e-3) << i;
}

TEST(Jam, AnswersFromTheNextBarLine) {
  Session session;
  session.play_bar(1);  // the bar ends at 3, a pause of a second later it is 4, the next bar line is at 5
  session.wait_until(8);
  expect_near(session.onsets(), {5, 5.5, 6, 6.5});
  EXPECT_TRUE(session.all_notes_end());
  EXPECT_TRUE(session.all_in_time());
}

TEST(Jam, AnAnswerIsAsLongAsItsCall) {
  Session session;
  session.play_bar(1);
  session.play_bar(3);
  session.wait_until(15);
  EXPECT_EQ(session.onsets().size(), 8U);
  EXPECT_EQ(session.jam().counts().bars, 2U);
  EXPECT_EQ(session.jam().counts().answers, 1U);
}

TEST(Jam, AnswersInTheTempoThatTheCallHasComeTo) {
  Session session;
  session.play_bar(1, 0.45);
  session.play_bar(1 + 4 * 0.45, 0.45);
  session.wait_until(12);
  const auto onsets = session.onsets();
  ASSERT_EQ(onsets.size(), 8U);
  EXPECT_NEAR(onsets[0], 1 + 12 * 0.45, 0.01);
  EXPECT_NEAR(onsets[1] - onsets[0], 0.45, 0.0045);
}

TEST(Jam, ShortRestsDoNotEndACall) {
  Session session;
  session.play_bar(1);
  session.play_bar(3.5);  // after a rest in which an answer is prepared
  session.wait_until(20);
  EXPECT_EQ(session.jam().counts().calls, 1U);
  EXPECT_TRUE(std::ranges::all_of(session.onsets(), [](double second) { return second > 5.5; }));
}

TEST(Jam, ListensToTheNextCallOnTheSameBeat) {
  Session session;
  session.play_bar(1);
  session.play_bar(7.02);  // the answer ends at 7
  session.wait_until(20);
  EXPECT_EQ(session.jam().counts().answers, 2U);
  EXPECT_NEAR(session.onsets()[4], 11, 0.05);
}

TEST(Jam, AnInterruptionEndsTheDraft) {
  Session session;
  for (int bar = 0; bar < 4; ++bar) session.play_bar(1 + 2 * bar);  // its answer is from 11 to 19
  session.press(13, 72);
  session.release(13.2, 72);
  session.wait_until(15);
  const auto onsets = session.onsets();
  EXPECT_EQ(std::ranges::count_if(onsets, [](double second) { return second <= 14.01; }),
            7);  // two quarters were fixed
  EXPECT_EQ(std::ranges::count_if(onsets, [](double second) { return second > 14.01 && second < 14.99; }), 0);
  EXPECT_TRUE(session.all_notes_end());
  EXPECT_EQ(session.jam().counts().interruptions, 1U);
  session.wait_until(25);
  EXPECT_EQ(session.jam().counts().calls, 2U);
}

TEST(Jam, ABarThatIsNotReadyComesABarLater) {
  Session session;
  session.play_bar(1);
  session.echo().is_ready = false;
  session.wait_until(5.1);
  session.echo().is_ready = true;
  session.wait_until(12);
  expect_near(session.onsets(), {7, 7.5, 8, 8.5});
  EXPECT_EQ(session.jam().counts().late_bars, 1U);
  EXPECT_TRUE(session.all_in_time());
}

TEST(Jam, ACallOfFixedLengthIsAnsweredAtItsEnd) {
  Session session({.pause = 2, .call_bars = 2});
  session.play_bar(1);
  session.play_bar(3);
  session.wait_until(12);
  const auto onsets = session.onsets();
  ASSERT_EQ(onsets.size(), 6U);  // the last quarter is played after the first bar has been asked for
  EXPECT_NEAR(onsets[0], 5, 1e-3);
  EXPECT_TRUE(session.all_in_time());
}

TEST(Jam, AnUnpluggedKeyboardLeavesNoKeyDown) {
  Session session;
  session.play_bar(1);
  session.press(3, 60);  // and never comes up
  session.wait_until(20);
  EXPECT_EQ(session.jam().counts().answers, 1U);
  EXPECT_TRUE(session.all_notes_end());
}

TEST(Jam, AllKeysAtOnceAreACall) {
  Session session;
  for (int pitch = 0; pitch < 116; ++pitch) session.press(1, pitch);
  for (int pitch = 0; pitch < 116; ++pitch) session.release(1.5, pitch);
  session.wait_until(10);
  EXPECT_EQ(session.jam().counts().answers, 1U);
  EXPECT_EQ(session.onsets().size(), 116U);
  EXPECT_TRUE(session.all_notes_end());
}

TEST(Jam, AnUpbeatIsNoBar) {
  Session session;
  session.play_bar(1);
  session.press(6.5, 60);  // a quarter before the bar line at which the answer ends
  session.release(6.9, 60);
  session.play_bar(7);
  session.wait_until(20);
  const auto turns = session.jam().take_turns();
  ASSERT_EQ(turns.size(), 4U);  // nor is it an interruption
  EXPECT_EQ(turns[2].position, 11);
  EXPECT_EQ(turns[2].quarters, 4);
}

TEST(Jam, AfterABarOfSilenceTheFirstNoteIsOnABarLine) {
  Session session;
  session.play_bar(1);
  session.play_bar(10.3);  // the answer ends at 7
  session.wait_until(25);
  const auto turns = session.jam().take_turns();
  ASSERT_EQ(turns.size(), 4U);
  EXPECT_EQ(turns[2].position, 12);
  EXPECT_EQ(turns[2].quarters, 4);
}

TEST(Jam, DrumsAreNoCall) {
  Session session;
  session.jam().hear({from_seconds(1), Message::note_on(9, 36, 80)});
  session.wait_until(20);
  EXPECT_EQ(session.jam().counts().calls, 0U);
}

TEST(Jam, SilenceIsNoCall) {
  Session session;
  session.wait_until(60);
  EXPECT_TRUE(session.onsets().empty());
  EXPECT_EQ(session.echo().questions, 0);
}

TEST(Jam, WhatCannotBeComposedIsPassedOver) {
  Session session;
  session.echo().error = Error{ErrorCode::out_of_vocabulary, "too high", {}, {}};
  session.play_bar(1);
  session.wait_until(8);
  EXPECT_EQ(session.jam().counts().failures, 1U);
  EXPECT_EQ(session.jam().failure()->what, "too high");
  session.echo().error.reset();
  session.play_bar(9);
  session.wait_until(20);
  EXPECT_EQ(session.onsets().size(), 4U);
}

TEST(Jam, TellsOfEachTurnOnce) {
  Session session;
  session.play_bar(1);
  session.wait_until(8);
  const auto turns = session.jam().take_turns();
  ASSERT_EQ(turns.size(), 2U);
  EXPECT_EQ(turns[0].kind, Turn::Kind::kCall);
  EXPECT_EQ(turns[0].notes, 4U);
  EXPECT_NEAR(to_seconds(turns[0].quarter), 0.5, 0.005);
  EXPECT_EQ(turns[0].at, from_seconds(1));
  EXPECT_EQ(turns[0].position, 0);
  EXPECT_EQ(turns[1].position, 8);
  EXPECT_EQ(turns[1].kind, Turn::Kind::kAnswer);
  EXPECT_TRUE(session.jam().take_turns().empty());
}

TEST(Jam, AnHourTakesNoMoreMemoryThanAMinute) {
  Session session({.pause = 2, .remembered_bars = 4});
  double second = 1;
  for (int call = 0; call < 300; ++call, second += 6) session.play_bar(second);
  session.wait_until(second);
  EXPECT_LE(session.echo().asked ? session.echo().asked->note_count() : 0, 5 * 8U);
  EXPECT_GE(session.jam().counts().answers, 290U);
  EXPECT_TRUE(session.all_in_time());
}

}  // namespace
}  // namespace continuo::live
