#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace continuo::train {

// Notices that another process does not answer any more: one that has been killed closes its connections, which sums
// notice by themselves, but one that is stopped, or whose host is gone, would be waited for without an end.
//
// Each process counts up a number of its own that all can read, every half second, on a thread that does nothing else;
// and looks at those of the others. A second thread watches the first, which hangs where the process that keeps the
// numbers does.
class Watch {
 public:
  struct Beats {
    std::function<void()> beat;                  // counts up this process's number; may throw
    std::function<std::int64_t(int rank)> read;  // may throw
  };
  // Called once, on a thread of the watch, for the first process that has not answered for `limit`.
  using Lost = std::function<void(int rank)>;
  Watch(int rank, int size, std::chrono::milliseconds limit, Beats beats, Lost lost);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // From here on nothing is lost.
  void stop() { is_over_ = true; }

 private:
  using Clock = std::chrono::steady_clock;
  void follow(Beats beats);
  void guard();
  void report(int rank);

  int rank_, size_;
  std::chrono::milliseconds limit_;
  Lost lost_;
  std::atomic<bool> is_over_ = false;
  std::atomic<Clock::time_point> answered_ = Clock::now();  // by the process that keeps the numbers
  std::thread follower_, guard_;
};

}  // namespace continuo::train
