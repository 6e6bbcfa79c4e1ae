#pragma once

#include <chrono>
#include <functional>
#include <utility>

namespace continuo::train {

inline double steady_sec() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The time that a run has taken, all of its processes together. Units: seconds.
class RunClock {
 public:
  using Now = std::function<double()>;  // seconds since any moment; never goes back

  RunClock() : RunClock(0) {}
  // Starts. `earlier_sec` is what earlier processes of the run took.
  explicit RunClock(double earlier_sec, Now now = steady_sec)
      : earlier_sec_(earlier_sec), now_(std::move(now)), start_sec_(now_()) {}

  double elapsed_sec() const { return earlier_sec_ + (now_() - start_sec_); }

 private:
  double earlier_sec_;
  Now now_;
  double start_sec_;
};

}  // namespace continuo::train
