#include "continuo/live/player.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::live {
namespace {

// Keeps what it gets. What it has is for after stop().
struct Recorder final : Output {
  std::vector<Message> messages;
  int fails_after = -1;
  Status send(const Message& message) override {
    if (fails_after >= 0 && static_cast<int>(messages.size()) >= fails_after)
      return Error{ErrorCode::io, "the receiver is gone", {}, {}};
    messages.push_back(message);
    return {};
  }
};

constexpr Time kMoment = std::chrono::milliseconds(2), kNever = std::chrono::hours(1);

std::vector<TimedMessage> two_notes(Time begin) {
  return {{begin, Message::note_on(0, 60, 80)},
          {begin + kMoment, Message::note_off(0, 60)},
          {begin + kMoment, Message::note_on(0, 62, 80)},
          {begin + 2 * kMoment, Message::note_off(0, 62)}};
}

TEST(Player, SendsAllInOrder) {
  const auto output = std::make_shared<Recorder>();
  Recorder& recorder = *output;
  Player player(output);
  const auto messages = two_notes(now());
  player.add(messages);
  player.wait(now() + kNever);
  EXPECT_TRUE(player.stop().ok());
  ASSERT_EQ(recorder.messages.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(recorder.messages[i], messages[i].message);
  EXPECT_EQ(player.punctuality().notes, 2U);
}

TEST(Player, WhatIsAddedLaterAndDueEarlierComesFirst) {
  const auto output = std::make_shared<Recorder>();
  Recorder& recorder = *output;
  Player player(output);
  const Time start = now() + 250 * kMoment;  // time enough for both to be added
  player.add(std::vector<TimedMessage>{{start + kMoment, Message::note_on(0, 62, 80)}});
  player.add(std::vector<TimedMessage>{{start, Message::note_on(0, 60, 80)}});
  player.wait(now() + kNever);
  (void)player.stop();
  EXPECT_EQ(recorder.messages.front(), Message::note_on(0, 60, 80));
}

TEST(Player, StoppingEndsWhatSoundsAndSendsNoMore) {
  const auto output = std::make_shared<Recorder>();
  Recorder& recorder = *output;
  Player player(output);
  player.add(std::vector<TimedMessage>{{now(), Message::note_on(2, 60, 80)},
                                       {now() + kNever, Message::note_off(2, 60)},
                                       {now() + kNever, Message::note_on(2, 65, 80)}});
  while (player.punctuality().notes == 0) player.wait(now() + kMoment);
  EXPECT_TRUE(player.stop().ok());
  EXPECT_EQ(recorder.messages, (std::vector{Message::note_on(2, 60, 80), Message::note_off(2, 60)}));
}

TEST(Player, AReceiverThatIsGoneIsAnError) {
  const auto output = std::make_shared<Recorder>();
  Recorder& recorder = *output;
  recorder.fails_after = 1;
  Player player(output);
  player.add(two_notes(now()));
  player.wait(now() + kNever);
  const Status stopped = player.stop();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::io);
}

// Takes no message until it is let go.
struct Stuck final : Output {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_asked = false, is_free = false;
  Status send(const Message&) override {
    std::unique_lock lock(mutex);
    is_asked = true;
    changed.notify_all();
    changed.wait(lock, [&] { return is_free; });
    return {};
  }
  void wait_until_asked() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_asked; });
  }
  void free() {
    const std::scoped_lock lock(mutex);
    is_free = true;
    changed.notify_all();
  }
};

TEST(Player, AReceiverThatTakesNothingIsLeftAlone) {
  const auto output = std::make_shared<Stuck>();
  Player player(output);
  player.add(two_notes(now()));
  output->wait_until_asked();
  const Status stopped = player.stop();
  output->free();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().what, "what plays takes no messages any more");
}

TEST(Player, WhatCannotComeInTimeIsCounted) {
  Player player(std::make_shared<Recorder>());
  player.add(std::vector<TimedMessage>{{now() - std::chrono::seconds(1), Message::note_on(0, 60, 80)}});
  player.wait(now() + kNever);
  (void)player.stop();
  EXPECT_EQ(player.punctuality().late, 1U);
  EXPECT_GE(player.punctuality().worst, std::chrono::seconds(1));
}

}  // namespace
}  // namespace continuo::live
