#include "continuo/base/platform/platform.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace continuo::platform {
namespace {
namespace fs = std::filesystem;

// Runs `work` in a child process and gives the status with which that has ended.
template <typename Work>
int status_of_child(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(AllocatePages, GivesZeroedMemoryOfAnySizeThatCanBeWrittenToItsEnd) {
  constexpr std::size_t kHuge = std::size_t{2} << 20;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096},
                                 std::size_t{4097}, kHuge - 1, kHuge, kHuge + 1, 3 * kHuge, 3 * kHuge + 12345}) {
    for (int round = 0; round < 3; ++round) {
      auto* const bytes = static_cast<unsigned char*>(allocate_pages(size));
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(bytes) % (size >= kHuge ? kHuge : 4096), 0u) << size;
      ASSERT_TRUE(std::all_of(bytes, bytes + size, [](unsigned char byte) { return byte == 0; })) << size;
      std::fill(bytes, bytes + size, static_cast<unsigned char>(0xff));
      free_pages(bytes, size);
    }
  }
}

// Blocks of each kind, and what is cut off at both ends of a large one; not given back they would add up to gigabytes.
TEST(AllocatePages, EverythingIsGivenBack) {
  const auto pages_of_process = [] {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages;
  };
  const std::size_t before = pages_of_process();
  if (before == 0) GTEST_SKIP() << "this system has no /proc";
  for (int i = 0; i < 20000; ++i) free_pages(allocate_pages(1 << 16), 1 << 16);
  for (int i = 0; i < 1000; ++i) free_pages(allocate_pages(2 << 20), 2 << 20);
  for (int i = 0; i < 20; ++i) free_pages(allocate_pages(1 << 30), 1 << 30);
  EXPECT_LT(pages_of_process(), before + (512 << 20) / 4096);
}

TEST(Interrupts, TheFirstSetsAFlagAndALaterOneEndsTheProcess) {
  EXPECT_FALSE(interrupted());
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EQ(status_of_child([number] {
                catch_interrupts();
                std::raise(number);
                std::raise(number);  // at once
                if (!interrupted()) ::_exit(1);
              }),
              0);
    const int status = status_of_child([number] {
      catch_interrupts();
      std::raise(number);
      ::usleep(600'000);
      std::raise(number);
    });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == number) << status;
  }
}

TEST(ErrorFromErrno, NamesWhatWasTriedTheReasonAndTheKind) {
  const Error missing = error_from_errno(ENOENT, "a/b", "cannot be opened");
  EXPECT_EQ(missing.to_line(), "a/b: cannot be opened (no such file or directory)");
  struct Case {
    int number;
    ErrorCode code;
  };
  for (const Case& c :
       {Case{ENOENT, ErrorCode::not_found}, Case{ENOTDIR, ErrorCode::not_found}, Case{ENOSPC, ErrorCode::no_space},
        Case{EDQUOT, ErrorCode::no_space}, Case{EACCES, ErrorCode::io}, Case{EIO, ErrorCode::io}}) {
    EXPECT_EQ(error_from_errno(c.number, "x", "fails").code, c.code) << c.number;
  }
}

TEST(UniqueSuffix, DiffersFromCallToCall) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(unique_suffix());
  EXPECT_EQ(seen.size(), 100u);
}

TEST(ThisProcess, KnowsItsFileItsTimeItsMemoryAndItsPriority) {
  EXPECT_TRUE(fs::is_regular_file(executable_path()));
  EXPECT_NE(executable_path().filename().string().find("base_tests"), std::string::npos);
  EXPECT_EQ(niceness(), ::getpriority(PRIO_PROCESS, 0));
  EXPECT_EQ(ticks_per_second(), double(::sysconf(_SC_CLK_TCK)));
  EXPECT_GT(peak_resident_bytes(), std::uint64_t{1} << 20);
  EXPECT_LT(peak_resident_bytes(), std::uint64_t{1} << 36);
  EXPECT_EQ(status_of_child([] {
              ::setpriority(PRIO_PROCESS, 0, 19);
              if (niceness() != 19) ::_exit(1);
            }),
            0);
}

TEST(ThisProcess, CountsItsOwnTimeAndThatOfChildrenThatHaveEnded) {
  const auto compute = [](double seconds) {
    volatile double sum = 0;
    for (const double start = cpu_seconds(); cpu_seconds() - start < seconds;) {
      for (int i = 0; i < 1000; ++i) sum = sum + i;
    }
  };
  const double before = cpu_seconds();
  compute(0.05);
  const double between = cpu_seconds();
  EXPECT_GE(between - before, 0.05);
  EXPECT_LT(between - before, 1.0);
  status_of_child([&] { compute(0.05); });
  EXPECT_GE(cpu_seconds() - between, 0.05);
  const ThreadUse use = thread_use();
  compute(0.02);
  EXPECT_GE(thread_use().processor_ns - use.processor_ns, 15'000'000);
  EXPECT_GE(thread_use().interruptions, use.interruptions);
}

TEST(Terminal, AFileIsNone) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(is_terminal(::fileno(file)));
  EXPECT_EQ(terminal_columns(::fileno(file), 77), 77);
  std::fclose(file);
}

TEST(Environment, ADefaultDoesNotReplaceWhatTheUserHasSet) {
  ::setenv("CONTINUO_TEST_VARIABLE", "the user's", 1);
  set_environment_default("CONTINUO_TEST_VARIABLE", "ours");
  EXPECT_STREQ(std::getenv("CONTINUO_TEST_VARIABLE"), "the user's");
  ::unsetenv("CONTINUO_TEST_VARIABLE");
  set_environment_default("CONTINUO_TEST_VARIABLE", "ours");
  EXPECT_STREQ(std::getenv("CONTINUO_TEST_VARIABLE"), "ours");
  ::unsetenv("CONTINUO_TEST_VARIABLE");
}

TEST(ReplaceProcess, PassesItsWordsAndReturnsOnlyOnFailure) {
  const auto exit_code = [](const std::vector<std::string>& words) {
    const int status = status_of_child([&] {
      static_cast<void>(replace_process(words));
      ::_exit(99);
    });
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(exit_code({"/bin/sh", "-c", "exit $#", "name", "one", "two three"}), 2);
  EXPECT_EQ(exit_code({"/no/such/program"}), 99);
  EXPECT_EQ(replace_process({"/no/such/program"}).error().code, ErrorCode::not_found);
}

TEST(Threads, MayBeKeptAwayFromOneProcessorAndLetBack) {
  if (allowed_processors().size() < 2) GTEST_SKIP() << "one processor only";
  const auto allowed = [] {
    cpu_set_t set;
    ::sched_getaffinity(0, sizeof set, &set);
    std::set<int> numbers;
    for (int number = 0; number < CPU_SETSIZE; ++number) {
      if (CPU_ISSET(number, &set)) numbers.insert(number);
    }
    return numbers;
  };
  const std::set<int> before = allowed();
  EXPECT_TRUE(before.contains(current_processor()));
  avoid_processor(*before.begin());
  std::set<int> others = before;
  others.erase(others.begin());
  EXPECT_EQ(allowed(), others);
  avoid_processor(-1);
  EXPECT_EQ(allowed(), before);
}

}  // namespace
}  // namespace continuo::platform
