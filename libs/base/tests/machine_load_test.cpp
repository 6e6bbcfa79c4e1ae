#include "continuo/base/machine_load.h"

#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"

namespace continuo {
namespace {

constexpr std::string_view kStat =
    "cpu  300 30 60 900 15 3 6 12 0 0\n"
    "cpu0 100 10 20 300 5 1 2 4 50 0\n"
    "cpu1 200 20 40 600 10 2 4 8 0 0\n"
    "cpu10 1 1 1 1 1 1 1 1 0 0\n"
    "intr 507104 0 0 12\n"
    "ctxt 677453\n"
    "procs_running 3\n"
    "procs_blocked 1\n";

TEST(CpuTimes, AreThoseOfTheProcessorsAskedFor) {
  const auto both = parse_cpu_times(kStat, std::array{0, 1}, 100);
  ASSERT_TRUE(both);
  EXPECT_DOUBLE_EQ(both->busy, 3.99);
  EXPECT_DOUBLE_EQ(both->stolen, 0.12);
  EXPECT_DOUBLE_EQ(both->all, 3.99 + 9.15 + 0.12);
  const auto one = parse_cpu_times(kStat, std::array{1}, 100);
  ASSERT_TRUE(one);
  EXPECT_DOUBLE_EQ(one->busy, 2.66);
}

TEST(CpuTimes, AreUnknownWhereTheTextSaysNothing) {
  EXPECT_FALSE(parse_cpu_times("", std::array{0}, 100));
  EXPECT_FALSE(parse_cpu_times(kStat, std::array{0, 2}, 100));
  EXPECT_FALSE(parse_cpu_times("cpu0 1 2 three", std::array{0}, 100));
  EXPECT_FALSE(parse_cpu_times("cpu0", std::array{0}, 100));
}

TEST(CpuTimes, OfOldKernelsKnowNoTimeStolen) {
  const auto times = parse_cpu_times("cpu0 100 10 20 300 5 1 2\n", std::array{0}, 100);
  ASSERT_TRUE(times);
  EXPECT_DOUBLE_EQ(times->stolen, 0);
}

TEST(RunningThreads, AreReadOrUnknown) {
  EXPECT_EQ(parse_running_threads(kStat), 3);
  EXPECT_EQ(parse_running_threads("procs_running 7"), 7);
  EXPECT_FALSE(parse_running_threads("procs_blocked 7\n"));
  EXPECT_FALSE(parse_running_threads("procs_running x\n"));
}

TEST(MachineLoad, IsDisturbedByATwentiethOfAProcessor) {
  MachineLoad load;
  EXPECT_FALSE(load.disturbed());
  load.foreign_cpus = 0.03;
  load.stolen_cpus = 0.01;
  EXPECT_FALSE(load.disturbed());
  load.stolen_cpus = 0.03;
  EXPECT_TRUE(load.disturbed());
}

TEST(LoadMeter, TellsSharesOfProcessorsOrNothing) {
  LoadMeter meter;
  meter.sample();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto load = meter.read();
  EXPECT_EQ(load.processors, int(platform::allowed_processors().size()));
  if (!load.foreign_cpus) GTEST_SKIP() << "this system does not tell its load";
  EXPECT_GE(*load.foreign_cpus, 0);
  EXPECT_GE(*load.stolen_cpus, 0);
  EXPECT_GE(load.longest_run_queue.value_or(0), load.run_queue.value_or(0));
}

// Two samples at once are one: the second comes too soon after the first.
TEST(LoadMeter, CountsThreadsThatWantAProcessor) {
  if (!parse_running_threads(*read_text_file("/proc/stat"))) GTEST_SKIP() << "this system does not tell its load";
  LoadMeter none;
  EXPECT_FALSE(none.read().run_queue.has_value());
  EXPECT_FALSE(none.read().longest_run_queue.has_value());
  LoadMeter meter;
  meter.sample();
  const auto load = meter.read();
  ASSERT_TRUE(load.run_queue.has_value() && load.longest_run_queue.has_value());
  EXPECT_GE(*load.run_queue, 1) << "this thread runs";
  EXPECT_EQ(*load.run_queue, *load.longest_run_queue);
  meter.sample();
  EXPECT_EQ(meter.read().run_queue, load.run_queue);
}

TEST(MachineLoad, DisturbanceCountsBothKindsOfLostTime) {
  MachineLoad load;
  load.foreign_cpus = 0.051;
  EXPECT_TRUE(load.disturbed());
  load.foreign_cpus = 0.05;
  EXPECT_FALSE(load.disturbed());
  load.stolen_cpus = 0.001;
  EXPECT_TRUE(load.disturbed());
}

}  // namespace
}  // namespace continuo
