#include "layers/workers.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::engine {
namespace {

using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;  // [begin, end)

constexpr std::size_t kMuchWork = std::size_t{1} << 30;  // Units: bytes. Worth every thread.

// The ranges that a step is cut into, in order.
Ranges ranges_of(ThreadPool& pool, std::size_t units, Workers::Cut cut) {
  std::mutex mutex;
  Ranges ranges;
  Workers(pool, kMuchWork, 1).share(units, cut, [&](std::size_t begin, std::size_t end, int) {
    const std::lock_guard lock(mutex);
    ranges.emplace_back(begin, end);
  });
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

using CheckCut = std::function<void(ThreadPool&, std::size_t units, Workers::Cut)>;

void for_each_cut(const CheckCut& check) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    for (const std::size_t units : {1U, 2U, 5U, 15U, 16U, 17U, 33U, 64U, 100U, 1001U}) {
      for (const std::size_t least : {1U, 3U, 16U, 40U}) {
        for (const std::size_t grain : {1U, 2U, 4U}) {
          SCOPED_TRACE(std::to_string(units) + " units, " + std::to_string(threads) + " threads, at least " +
                       std::to_string(least) + ", grain " + std::to_string(grain));
          check(pool, units, {least, grain});
        }
      }
    }
  }
}

TEST(Workers, Share_CoversEachUnitOnceFromMultiplesOfTheGrain) {
  for_each_cut([](ThreadPool& pool, std::size_t units, Workers::Cut cut) {
    std::size_t covered = 0;
    for (const auto& [begin, end] : ranges_of(pool, units, cut)) {
      EXPECT_EQ(begin, covered);
      EXPECT_EQ(begin % cut.grain, 0U);
      EXPECT_LT(begin, end);
      covered = end;
    }
    EXPECT_EQ(covered, units);
  });
}

TEST(Workers, Share_CutsAStepThatIsLongEnoughAlikeForAllWorkers) {
  for_each_cut([](ThreadPool& pool, std::size_t units, Workers::Cut cut) {
    const auto workers = static_cast<std::size_t>(pool.threads());
    const std::size_t pieces = ranges_of(pool, units, cut).size();
    const std::size_t grains = (units + cut.grain - 1) / cut.grain;
    if (workers == 1 || units <= cut.least) {
      EXPECT_EQ(pieces, 1U);
    } else if (grains <= workers) {
      EXPECT_EQ(pieces, grains);
    } else {
      EXPECT_TRUE(pieces % workers == 0 || pieces == grains) << pieces;
    }
  });
}

TEST(Workers, Share_MakesNoRangeShorterThanItsLeastWhereEachWorkerGetsThatMuch) {
  for_each_cut([](ThreadPool& pool, std::size_t units, Workers::Cut cut) {
    if (cut.grain > 1 || units < cut.least * static_cast<std::size_t>(pool.threads())) return;
    for (const auto& [begin, end] : ranges_of(pool, units, cut)) EXPECT_GE(end - begin, cut.least);
  });
}

TEST(Workers, OfALittleWork_IsTheCallingThread) {
  ThreadPool pool(7);
  std::vector<int> seen;
  Workers(pool, 1000, 1).share(100, {}, [&](std::size_t, std::size_t, int worker) { seen.push_back(worker); });
  EXPECT_EQ(seen, std::vector<int>{0});
}

// A pass reads its weights once for each row, so that many rows are worth as many threads as large weights.
TEST(Workers, AreAsManyForManyRowsAsForLargeWeights) {
  ThreadPool pool(7);
  const auto pieces = [&](std::size_t bytes, std::size_t rows) {
    std::atomic<std::size_t> count{0};
    Workers(pool, bytes, rows).share(1000, {}, [&](std::size_t, std::size_t, int) { ++count; });
    return count.load();
  };
  for (const std::size_t rows : {1U, 2U, 3U, 5U, 7U})
    EXPECT_EQ(pieces(std::size_t{1} << 20, rows), pieces(rows << 20, 1));
  EXPECT_LT(pieces(std::size_t{1} << 20, 2), pieces(std::size_t{1} << 20, 7));
}

}  // namespace
}  // namespace continuo::engine
