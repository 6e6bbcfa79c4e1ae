#include "continuo/base/platform/busy_processes.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"

namespace continuo::platform {
namespace {

bool happens(const std::function<bool()>& what) {
  for (int attempt = 0; attempt < 2000; ++attempt) {
    if (what()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

double seconds_used_by(int process) {
  clockid_t clock;
  struct timespec time {};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

// Or dead, with nobody who has asked after it yet.
bool is_gone(int process) {
  if (::kill(process, 0) != 0) return true;
  const auto stat = read_text_file("/proc/" + std::to_string(process) + "/stat");
  return stat.ok() && stat->find(") Z") != std::string::npos;
}

TEST(BusyProcesses, UseCpuTimeAndAreGoneAfterwards) {
  const double before = cpu_seconds();
  std::vector<int> ids;
  {
    auto started = BusyProcesses::start(2);
    ASSERT_TRUE(started.ok()) << started.error().to_line();
    ids.assign(started->ids().begin(), started->ids().end());
    ASSERT_EQ(ids.size(), 2u);
    for (const int id : ids) EXPECT_TRUE(happens([&] { return seconds_used_by(id) > 0.05; }));
  }
  for (const int id : ids) EXPECT_NE(::kill(id, 0), 0);
  EXPECT_GE(cpu_seconds() - before, 0.1);
}

TEST(BusyProcesses, NoneAreNoError) {
  auto started = BusyProcesses::start(0);
  ASSERT_TRUE(started.ok());
  EXPECT_TRUE(started->ids().empty());
}

TEST(BusyProcesses, EndWhenTheirParentIsKilled) {
  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto started = BusyProcesses::start(1);
    const int id = started.ok() ? started->ids()[0] : 0;
    if (::write(channel[1], &id, sizeof id) != sizeof id) ::_exit(1);
    for (;;) ::pause();
  }
  int id = 0;
  ASSERT_EQ(::read(channel[0], &id, sizeof id), ssize_t(sizeof id));
  ASSERT_GT(id, 0);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(happens([&] { return is_gone(id); }));
  ::close(channel[0]);
  ::close(channel[1]);
}

}  // namespace
}  // namespace continuo::platform
