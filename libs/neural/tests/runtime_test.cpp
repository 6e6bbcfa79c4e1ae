#include "continuo/neural/runtime.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "continuo/neural/parallel.h"
#include "continuo/neural/profile.h"
#include "continuo/neural/timing.h"

#include "runtime/caching_allocator.h"

namespace continuo::neural {
namespace {

TEST(Parallel, UseThreads_ChangesTheirNumber) {
  for (const int threads : {3, 1, 2, 2, 1}) {
    use_threads(threads);
    EXPECT_EQ(kernel_threads().threads(), threads);
  }
}

TEST(Parallel, WorkIsCutForAllThreadsAndNeverIntoMoreThanItsMost) {
  for (const int threads : {1, 2, 3}) {
    use_threads(threads);
    const auto count = std::size_t(threads);
    for (const bool repeats : {false, true}) {
      EXPECT_EQ(part_count({1, repeats}), 1U);
      EXPECT_LE(part_count({count + 1, repeats}), count + 1);
      const std::size_t parts = part_count({1000, repeats});
      EXPECT_EQ(parts % count, 0U);
      EXPECT_TRUE(threads > 1 || parts == 1) << "one thread has nothing to share";
    }
    EXPECT_GE(part_count({1000, false}), part_count({1000, true}));
  }
  use_threads(1);
}

TEST(Parallel, InParts_DoesEachPartOnce) {
  for (const int threads : {1, 2, 3}) {
    use_threads(threads);
    std::vector<std::atomic<int>> visits(part_count({50, false}));
    in_parts({50, false}, [&](kernels::Part part) {
      EXPECT_EQ(part.count, visits.size());
      ++visits[part.index];
    });
    for (const auto& count : visits) EXPECT_EQ(count, 1);
  }
  use_threads(1);
}

void wait(const char* function, int milliseconds) {
  const Timing timing(function);
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

TEST(Profile, MeasuresFromItsStartAndSortsByTime) {
  wait("before", 1);
  EXPECT_TRUE(profile().empty()) << "nothing is measured unless asked for";
  start_profile();
  wait("short", 2);
  wait("long", 4);
  wait("long", 4);
  const auto measured = profile();
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_EQ(measured[0].name, "long");
  EXPECT_GE(measured[0].seconds, 0.008);
  EXPECT_EQ(measured[1].name, "short");
  EXPECT_GE(measured[1].seconds, 0.002);
  start_profile();
  EXPECT_TRUE(profile().empty()) << "a new profile begins from nothing";
}

TEST(Runtime, Threads_AreThoseOfOurKernelsOrOfLibtorch) {
  for (const bool fused : {true, false}) {
    const Runtime runtime = prepare_runtime({.threads = 2, .precision = Precision::kFp32, .fused = fused});
    EXPECT_EQ(runtime.threads, 2);
    EXPECT_FALSE(runtime.isa.empty());
    EXPECT_EQ(kernel_threads().threads(), fused ? 2 : 1);
    EXPECT_EQ(at::get_num_threads(), fused ? 1 : 2);
  }
  prepare_runtime({.threads = 1, .precision = Precision::kFp32});
}

TEST(Runtime, TensorsTakeTheirMemoryFromTheCache) {
  prepare_runtime({.threads = 1, .precision = Precision::kFp32});
  constexpr std::uint64_t kBytes = std::uint64_t{64} << 20;
  const CacheState before = cache_state();
  {
    const torch::Tensor tensor = torch::empty({std::int64_t(kBytes / sizeof(float))});
    const CacheState during = cache_state();
    EXPECT_GE(during.used, before.used + kBytes);
    EXPECT_LT(during.used, before.used + kBytes + kBytes / 16) << "little is lost to round sizes";
    EXPECT_GE(during.most_used, during.used);
  }
  const CacheState after = cache_state();
  EXPECT_EQ(after.used, before.used);
  EXPECT_GE(after.waiting, kBytes);
  EXPECT_GE(after.most_used, before.used + kBytes) << "what was most is remembered";
}

TEST(Precision, NamesAreReadBack) {
  for (const Precision precision : {Precision::kAuto, Precision::kFp32, Precision::kBf16}) {
    EXPECT_EQ(precision_from_string(to_string(precision)).value(), precision);
  }
  EXPECT_EQ(precision_from_string("").error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace continuo::neural
