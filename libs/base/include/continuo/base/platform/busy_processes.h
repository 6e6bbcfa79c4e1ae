#pragma once

#include <span>
#include <utility>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::platform {

// Processes that do nothing but compute, in registers: what another program on the same machine does to this one, made
// on purpose. They have this process's priority and the processors that it was started with. They end with the object,
// and also when this process is killed (on Linux: when the thread that started them ends). To be started before memory
// is filled, since each page that both know is copied when it is next written to.
class BusyProcesses {
 public:
  // Errors: unsupported (not on this system), io (the system gives no more processes; none is left running then).
  static Result<BusyProcesses> start(int count);
  BusyProcesses(BusyProcesses&& other) noexcept : ids_(std::exchange(other.ids_, {})) {}
  BusyProcesses& operator=(BusyProcesses&& other) noexcept {
    std::swap(ids_, other.ids_);
    return *this;
  }
  ~BusyProcesses() { stop(); }

  // Ends them and waits until they have gone: from then on cpu_seconds() has what they used.
  void stop();
  std::span<const int> ids() const { return ids_; }

 private:
  BusyProcesses() = default;
  std::vector<int> ids_;
};

}  // namespace continuo::platform
