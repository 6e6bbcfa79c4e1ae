#include "continuo/base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "continuo/base/rng.h"

namespace continuo {
namespace {

TEST(ThreadPool, ParallelFor_CoversEachIndexOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    for (const std::size_t count : {0u, 1u, 2u, 5u, 1000u}) {
      std::vector<int> visits(count);
      pool.parallel_for(count, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++visits[i];
      });
      EXPECT_EQ(visits, std::vector<int>(count, 1));
    }
  }
}

TEST(ThreadPool, ForEachTask_DoesEachOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    for (const std::size_t count : {0u, 1u, 2u, 5u, 1000u}) {
      std::vector<int> visits(count);
      pool.for_each_task(count, [&](std::size_t task) { ++visits[task]; });
      EXPECT_EQ(visits, std::vector<int>(count, 1));
    }
  }
}

TEST(ThreadPool, RethrowsAfterAllHaveEnded) {
  ThreadPool pool(3);
  std::atomic<int> ended{0};
  EXPECT_THROW(pool.run([&](int index) {
    if (index == 1) throw std::runtime_error("no");
    ++ended;
  }),
               std::runtime_error);
  EXPECT_EQ(ended, 2);
  pool.run([&](int) { ++ended; });
  EXPECT_EQ(ended, 5);
}

TEST(ThreadPool, Share_DoesEachPieceOnce_OnWorkersOfItsOwn) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    for (const std::size_t count : {0u, 1u, 2u, 5u, 1000u, 200000u}) {
      std::vector<int> visits(count);
      std::vector<std::atomic<int>> present(std::size_t(pool.threads()));
      std::atomic<int> meetings{0};
      pool.share(count, [&](std::size_t piece, int worker) {
        if (present[std::size_t(worker)]++ != 0) ++meetings;
        ++visits[piece];
        --present[std::size_t(worker)];
      });
      EXPECT_EQ(visits, std::vector<int>(count, 1));
      EXPECT_EQ(meetings, 0) << "two pieces at a time for one worker";
    }
  }
}

TEST(ThreadPool, Share_KeepsToTheFirstWorkers) {
  ThreadPool pool(7);
  std::atomic<int> highest{0};
  for (int round = 0; round < 200; ++round) {
    pool.share(
        20,
        [&](std::size_t, int worker) {
          if (worker > highest) highest = worker;
        },
        3);
  }
  EXPECT_LT(highest, 3);
}

TEST(ThreadPool, Run_HasAllThreadsAtTheSameTime) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 50; ++round) {
      std::atomic<int> arrived{0};
      pool.run([&](int) {
        ++arrived;
        while (arrived < threads) std::this_thread::yield();
      });
      EXPECT_EQ(arrived, threads);
    }
  }
}

// Threads that are set aside at any moment, more of them than processors, and pauses between rounds that let them fall
// asleep: every round comes to its end with the same result.
TEST(ThreadPool, StalledThreads_NeitherHangNorChangeResults) {
  constexpr int kRounds = 10000;
  ThreadPool pool(2 * default_thread_count() + 3);
  Rng plan(7);
  std::vector<std::uint64_t> results(64);
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t count = 1 + plan.below(results.size());
    const std::uint64_t stalled = plan.below(40 * count);  // most rounds have none
    const auto pause = std::chrono::microseconds(plan.below(300));
    const bool all = round % 97 == 0;
    const auto value = [&](std::size_t piece) { return std::uint64_t(round) * 1000003 + piece * piece; };
    pool.share(count, [&](std::size_t piece, int) {
      if (piece == stalled) std::this_thread::sleep_for(pause);
      results[piece] = value(piece);
    });
    for (std::size_t piece = 0; piece < count; ++piece) ASSERT_EQ(results[piece], value(piece)) << round;
    if (all) {
      std::atomic<int> seen{0};
      pool.run([&](int) { ++seen; });
      ASSERT_EQ(seen, pool.threads());
    }
    if (round % 50 == 0) std::this_thread::sleep_for(pause);
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// With room for a few threads' stacks only. Ends the process: 0 where all work was done.
[[noreturn]] void work_with_fewer_threads() {
  constexpr rlim_t kRoom = rlim_t{256} << 20;
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t limit = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + kRoom;
  const rlimit memory = {limit, limit};
  ::setrlimit(RLIMIT_AS, &memory);
  ThreadPool pool(1000);
  std::atomic<int> done{0};
  std::atomic<int> together{0};
  pool.share(5000, [&](std::size_t, int) { ++done; });
  pool.run([&](int) { ++together; });
  std::_Exit(pool.threads() < 1000 && done == 5000 && together == pool.threads() ? 0 : 1);
}

// Where the system gives no further thread, those that there are do the work.
TEST(ThreadPool, FewerThreadsThanAskedFor_DoTheWork) {
  EXPECT_EXIT(work_with_fewer_threads(), testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace continuo
