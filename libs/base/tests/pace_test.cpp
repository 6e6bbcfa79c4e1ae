#include "threads/pace.h"

#include <ctime>

#include <gtest/gtest.h>

namespace continuo {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// For how long after `now` the crowding that has just been noticed is remembered, to the millisecond.
std::int64_t remembered(Crowding& crowding, std::int64_t now) {
  std::int64_t time = 0;
  while (crowding.at(now + time)) time += kMs;
  return time;
}

TEST(Crowding, IsRememberedForLongerTheSoonerItComesAgain) {
  Crowding crowding;
  EXPECT_FALSE(crowding.possible());
  EXPECT_FALSE(crowding.at(1));
  std::int64_t now = 1'000'000 * kMs;  // long after whatever was before
  crowding.notice(now);
  EXPECT_TRUE(crowding.possible());
  EXPECT_EQ(remembered(crowding, now), 200 * kMs);
  EXPECT_FALSE(crowding.possible()) << "a question after the end makes it forget";
  for (const std::int64_t expected : {400, 800, 1600, 3200, 3200}) {
    now += expected * kMs - kMs;  // the time before its end, and as long after it again, are soon
    crowding.notice(now);
    EXPECT_EQ(remembered(crowding, now), expected * kMs);
  }
  now += 10'000 * kMs;
  crowding.notice(now);
  EXPECT_EQ(remembered(crowding, now), 200 * kMs) << "after a long quiet it starts again";
}

TEST(Pace, IsTiredAfterFortyPiecesAndTwoMilliseconds) {
  Pace pace;
  pace.wake(100 * kMs);
  for (int piece = 0; piece < 39; ++piece) pace.count_piece();
  EXPECT_FALSE(pace.tired(200 * kMs)) << "too few pieces";
  pace.count_piece();
  EXPECT_FALSE(pace.tired(102 * kMs)) << "too short a time";
  EXPECT_TRUE(pace.tired(102 * kMs + 1));
  pace.wake(103 * kMs);
  EXPECT_FALSE(pace.tired(200 * kMs)) << "pieces from before the sleep";
}

TEST(Pace, RestsForTwoMillisecondsAtFirst) {
  Pace pace;
  EXPECT_FALSE(pace.resting_at(50 * kMs));
  pace.rest(50 * kMs);
  EXPECT_TRUE(pace.resting_at(52 * kMs - 1));
  EXPECT_FALSE(pace.resting_at(52 * kMs));
}

TEST(ClockNow, CountsNanosecondsUpwards) {
  const std::int64_t before = clock_now();
  const timespec pause{0, 5 * kMs};
  nanosleep(&pause, nullptr);
  EXPECT_GE(clock_now() - before, 5 * kMs);
  EXPECT_LT(clock_now() - before, 60'000 * kMs);
}

}  // namespace
}  // namespace continuo
