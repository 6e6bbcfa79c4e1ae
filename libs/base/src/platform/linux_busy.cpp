#include <cerrno>
#include <csignal>
#include <cstdint>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "continuo/base/platform/busy_processes.h"
#include "continuo/base/platform/platform.h"

#include "linux_affinity.h"

namespace continuo::platform {
namespace {

// Nothing here may allocate or lock: another thread may have had the lock when the process was copied.
[[noreturn]] void compute_forever(pid_t parent, const ProcessorBits& allowed) {
  // Ctrl-C is for the program that measures, which ends these itself.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);  // it ended before that call
  run_on(allowed);
  for (std::uint64_t number = 1;;) {
    number = number * 6364136223846793005U + 1442695040888963407U;
    asm volatile("" : "+r"(number));  // else the loop would be empty, and need not be
  }
}

}  // namespace

Result<BusyProcesses> BusyProcesses::start(int count) {
  BusyProcesses processes;
  processes.ids_.reserve(static_cast<std::size_t>(count));
  const pid_t parent = ::getpid();
  const ProcessorBits allowed = bits_of(allowed_processors());
  for (int i = 0; i < count; ++i) {
    const pid_t id = ::fork();
    if (id == 0) compute_forever(parent, allowed);
    if (id < 0) return error_from_errno(errno, {}, "no further process can be started");
    processes.ids_.push_back(id);
  }
  return processes;
}

void BusyProcesses::stop() {
  for (const int id : ids_) ::kill(id, SIGKILL);
  for (const int id : ids_) {
    while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  ids_.clear();
}

}  // namespace continuo::platform
