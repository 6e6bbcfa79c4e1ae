#include "platform/processors.h"

#include <cmath>
#include <fstream>
#include <numeric>

#include <gtest/gtest.h>

#include "continuo/base/platform/platform.h"

namespace continuo::platform {
namespace {
namespace fs = std::filesystem;

// The files of a machine that is not there.
class ProcessorsTest : public ::testing::Test {
 protected:
  ProcessorsTest() : root_(fs::path(testing::TempDir()) / ("continuo-processors-" + unique_suffix())) {
    fs::create_directories(root_);
  }
  ~ProcessorsTest() override { fs::remove_all(root_); }

  void file(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << "\n";
  }
  void cpu(int number, const std::string& name, const std::string& text) const {
    file("sys/devices/system/cpu/cpu" + std::to_string(number) + "/" + name, text);
  }
  void siblings(int number, const std::string& list) const { cpu(number, "topology/thread_siblings_list", list); }
  // Hierarchies as containers show them, without and with a name of their own.
  void version2(const std::string& group) const {
    file("proc/self/cgroup", "0::" + group);
    file("proc/self/mountinfo",
         "22 1 0:20 / / rw - ext4 /dev/root rw\n"
         "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate");
  }
  void version1(const std::string& group, const std::string& top) const {
    file("proc/self/cgroup", "5:memory:/elsewhere\n4:cpu,cpuacct:" + group + "\n1:name=systemd:/");
    file("proc/self/mountinfo", "31 22 0:28 " + top +
                                    " /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                                    "32 22 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory");
  }
  Processors chosen(const Processors& allowed) const {
    return fastest_together(root_, one_of_each_core(root_, allowed));
  }

  fs::path root_;
};

Processors first(int count) {
  Processors numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(ProcessorList, IsReadAsTheKernelWritesIt) {
  EXPECT_EQ(parse_processor_list("0-3,8\n"), (Processors{0, 1, 2, 3, 8}));
  EXPECT_EQ(parse_processor_list("5"), (Processors{5}));
  for (const char* bad : {"", "\n", "a", "0-", "-1", "3-1", "0,,2", "0-99999999999", "1 2"}) {
    EXPECT_FALSE(parse_processor_list(bad)) << bad;
  }
}

TEST_F(ProcessorsTest, PlainCoresAreAllChosen) {
  siblings(0, "0");
  siblings(1, "1");
  EXPECT_EQ(chosen(first(2)), first(2));
}

TEST_F(ProcessorsTest, OneHyperthreadOfEachCore) {
  for (int i = 0; i < 16; ++i) siblings(i, std::to_string(i % 8) + "," + std::to_string(i % 8 + 8));
  EXPECT_EQ(chosen(first(16)), first(8));
  EXPECT_EQ(chosen({9, 10, 11}), (Processors{9, 10, 11}));
}

TEST_F(ProcessorsTest, HyperthreadsWithNumbersSideBySide) {
  for (int i = 0; i < 8; ++i)
    cpu(i, "topology/core_cpus_list", std::to_string(i / 2 * 2) + "-" + std::to_string(i / 2 * 2 + 1));
  EXPECT_EQ(chosen(first(8)), (Processors{0, 2, 4, 6}));
}

TEST_F(ProcessorsTest, OnePairOfHyperthreadsIsOneCore) {
  for (int i = 0; i < 16; ++i) siblings(i, std::to_string(i % 8) + "," + std::to_string(i % 8 + 8));
  EXPECT_EQ(chosen({3, 11}), (Processors{3}));
}

TEST_F(ProcessorsTest, WithoutFilesTheMaskCounts) {
  EXPECT_EQ(chosen(first(6)), first(6));
  EXPECT_TRUE(std::isinf(cpu_quota(root_)));
}

TEST_F(ProcessorsTest, RubbishCountsAsNoFile) {
  for (int i = 0; i < 4; ++i) {
    siblings(i, i % 2 == 0 ? "eight" : "7");  // a list without the processor itself is rubbish too
    cpu(i, "cpu_capacity", "-3");
  }
  file("sys/devices/cpu_core/cpus", "?");
  file("sys/devices/cpu_atom/cpus", "0-3");
  EXPECT_EQ(chosen(first(4)), first(4));
  file("proc/self/cgroup", "0:/\nrubbish\n0::/a");
  file("proc/self/mountinfo", "30 22\n30 22 0:26 / /cg rw - cgroup2 cgroup2 rw\n\xff");
  for (const char* text : {"", "max", "0 100000", "-5 100000", "1 2 3", "1e9 100000", "100000 0"}) {
    file("cg/a/cpu.max", text);
    EXPECT_TRUE(std::isinf(cpu_quota(root_))) << text;
  }
}

TEST_F(ProcessorsTest, LargeCoresOfBigLittle) {
  for (int i = 0; i < 8; ++i) cpu(i, "cpu_capacity", i < 4 ? "446" : "1024");
  EXPECT_EQ(chosen(first(8)), (Processors{4, 5, 6, 7}));
  EXPECT_EQ(chosen({0, 1, 2}), (Processors{0, 1, 2}));
}

TEST_F(ProcessorsTest, OneVeryFastCoreDoesNotExcludeTheFast) {
  for (int i = 0; i < 8; ++i) cpu(i, "cpu_capacity", i == 7 ? "1024" : i >= 4 ? "871" : "250");
  EXPECT_EQ(chosen(first(8)), (Processors{4, 5, 6, 7}));
}

TEST_F(ProcessorsTest, FastCoresOfIntelsHybrids) {
  for (int i = 0; i < 12; ++i) siblings(i, std::to_string(i / 2 * 2) + "-" + std::to_string(i / 2 * 2 + 1));
  for (int i = 12; i < 16; ++i) siblings(i, std::to_string(i));
  file("sys/devices/cpu_core/cpus", "0-11");
  file("sys/devices/cpu_atom/cpus", "12-15");
  EXPECT_EQ(chosen(first(16)), (Processors{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(chosen({12, 13}), (Processors{12, 13}));
}

TEST_F(ProcessorsTest, ManySlowCoresBesideTwoFastOnes) {
  file("sys/devices/cpu_core/cpus", "0-1");
  file("sys/devices/cpu_atom/cpus", "2-9");
  EXPECT_EQ(chosen(first(10)), first(10));
}

TEST_F(ProcessorsTest, QuotaOfVersion2) {
  version2("/");
  file("sys/fs/cgroup/cpu.max", "350000 100000");
  EXPECT_DOUBLE_EQ(cpu_quota(root_), 3.5);
  file("sys/fs/cgroup/cpu.max", "max 100000");
  EXPECT_TRUE(std::isinf(cpu_quota(root_)));
}

TEST_F(ProcessorsTest, ATighterGroupAboveLimitsANestedOne) {
  version2("/kubepods/pod/container");
  file("sys/fs/cgroup/kubepods/cpu.max", "200000 100000");
  file("sys/fs/cgroup/kubepods/pod/cpu.max", "max 100000");
  file("sys/fs/cgroup/kubepods/pod/container/cpu.max", "800000 100000");
  file("sys/fs/cgroup/kubepods/other/cpu.max", "10000 100000");
  EXPECT_DOUBLE_EQ(cpu_quota(root_), 2.0);
}

TEST_F(ProcessorsTest, QuotaOfVersion1) {
  version1("/docker/ab", "/");
  file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1");
  file("sys/fs/cgroup/cpu,cpuacct/docker/ab/cpu.cfs_quota_us", "75000");
  file("sys/fs/cgroup/cpu,cpuacct/docker/ab/cpu.cfs_period_us", "50000");
  EXPECT_DOUBLE_EQ(cpu_quota(root_), 1.5);
}

TEST_F(ProcessorsTest, QuotaOfAMountThatShowsOnlyItsGroup) {
  version1("/docker/ab/inner", "/docker/ab");
  file("sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_quota_us", "400000");
  file("sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_period_us", "100000");
  EXPECT_DOUBLE_EQ(cpu_quota(root_), 4.0);
  version1("/another/one", "/docker/ab");  // not to be seen from here
  file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "500000");
  file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
  EXPECT_DOUBLE_EQ(cpu_quota(root_), 5.0);
}

TEST_F(ProcessorsTest, GroupsOfOtherControllersSetNoQuota) {
  version1("/", "/");
  for (const char* name : {"cpu.cfs_quota_us", "cpu.cfs_period_us"}) {
    file(std::string("sys/fs/cgroup/memory/") + name, "100000");
    file(std::string("data/") + name, "100000");
  }
  EXPECT_TRUE(std::isinf(cpu_quota(root_)));
  file("proc/self/mountinfo", "22 1 0:20 / /data rw - ext4 /dev/root rw,cpu");
  EXPECT_TRUE(std::isinf(cpu_quota(root_)));
}

TEST_F(ProcessorsTest, AMountWithABlankInItsName) {
  file("proc/self/cgroup", "0::/");
  file("proc/self/mountinfo", "30 22 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw");
  file("my groups/cpu.max", "100000 100000");
  EXPECT_DOUBLE_EQ(cpu_quota(root_), 1.0);
}

TEST(ThreadsWithin, WholeCpusOfAQuotaAndAtLeastOne) {
  EXPECT_EQ(threads_within(16, INFINITY), 16);
  EXPECT_EQ(threads_within(16, 1.5), 1);
  EXPECT_EQ(threads_within(16, 0.2), 1);
  EXPECT_EQ(threads_within(16, 4.0), 4);
  EXPECT_EQ(threads_within(2, 8.0), 2);
}

TEST(CpuModel, IsFoundUnderItsNames) {
  EXPECT_EQ(parse_cpu_model("processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC  7B13 \n"), "AMD EPYC  7B13");
  EXPECT_EQ(parse_cpu_model("processor\t: 0\nBogoMIPS\t: 108\n\nModel\t\t: Raspberry Pi 5\n"), "Raspberry Pi 5");
  EXPECT_EQ(parse_cpu_model("no such thing"), "");
}

TEST(ThisMachine, HasProcessorsAndKeepsToThem) {
  ASSERT_FALSE(allowed_processors().empty());
  for (const int processor : processors()) {
    EXPECT_TRUE(std::binary_search(allowed_processors().begin(), allowed_processors().end(), processor));
  }
  EXPECT_GE(usable_processors(), 1);
  EXPECT_LE(std::size_t(usable_processors()), processors().size());
}

}  // namespace
}  // namespace continuo::platform
