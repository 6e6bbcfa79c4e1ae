#include "continuo/base/thread_pool.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace continuo
