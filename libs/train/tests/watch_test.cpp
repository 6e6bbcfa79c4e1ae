#include "ranks/watch.h"

#include <atomic>
#include <stdexcept>

#include <gtest/gtest.h>

namespace continuo::train {
namespace {

using std::chrono::milliseconds;

// Waits until `lost` is set, for ten seconds at most.
int wait_for(const std::atomic<int>& lost) {
  for (int i = 0; i < 1000 && lost < 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  return lost;
}

TEST(Watch, NoticesTheProcessWhoseNumberStandsStill) {
  std::atomic<std::int64_t> own = 0, calls = 0;
  std::atomic<int> lost = -1;
  const Watch watch(1, 4, milliseconds(1500),
                    {.beat = [&] { ++own; }, .read = [&](int rank) { return rank == 2 ? 7 : std::int64_t(++calls); }},
                    [&](int rank) { lost = rank; });
  EXPECT_EQ(wait_for(lost), 2);
  EXPECT_GT(own, 1);
}

TEST(Watch, TakesTheFirstForLostWhereNothingCanBeRead) {
  std::atomic<int> lost = -1;
  const Watch watch(1, 2, milliseconds(1000),
                    {.beat = [] { throw std::runtime_error("closed"); }, .read = [](int) { return std::int64_t(0); }},
                    [&](int rank) { lost = rank; });
  EXPECT_EQ(wait_for(lost), 0);
}

TEST(Watch, TakesTheFirstForLostWhereReadingHangs) {
  std::atomic<int> lost = -1;
  std::atomic<bool> hangs = true;
  const Watch watch(1, 2, milliseconds(1000),
                    {.beat =
                         [&] {
                           while (hangs) std::this_thread::sleep_for(milliseconds(5));
                         },
                     .read = [](int) { return std::int64_t(0); }},
                    [&](int rank) { lost = rank; });
  EXPECT_EQ(wait_for(lost), 0);
  hangs = false;
}

TEST(Watch, LosesNothingOnceItIsStopped) {
  std::atomic<int> lost = -1;
  Watch watch(0, 2, milliseconds(600), {.beat = [] {}, .read = [](int) { return std::int64_t(3); }},
              [&](int rank) { lost = rank; });
  watch.stop();
  std::this_thread::sleep_for(milliseconds(900));
  EXPECT_EQ(lost, -1);
}

}  // namespace
}  // namespace continuo::train
