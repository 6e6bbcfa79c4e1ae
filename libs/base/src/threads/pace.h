#pragma once

#include <atomic>
#include <cstdint>

#include "continuo/base/platform/platform.h"

namespace continuo {

// Whether other programs compete for the processors of a pool's threads, and what a thread does about it.
//
// A thread that the system sets aside in the middle of a piece keeps everybody waiting until it gets a processor again,
// which takes milliseconds. The system does so after a time slice, about 3 ms on Linux, and gives a thread that has
// slept in between its processor back sooner. So once a thread has noticed that it lost its processor, it works for
// less than a slice at a time, and sleeps in between by its own choice, with no piece begun. Units: nanoseconds.
class Crowding {
 public:
  // Something takes processors away. Remembered for longer the sooner it comes again.
  void notice(std::int64_t now) noexcept;
  // False without looking at the clock as long as nobody has noticed anything.
  bool possible() const noexcept { return until_.load(std::memory_order_relaxed) != 0; }
  bool at(std::int64_t now) noexcept {
    const std::int64_t until = until_.load(std::memory_order_relaxed);
    if (now < until) return true;
    if (until != 0) until_.store(0, std::memory_order_relaxed);
    return false;
  }

 private:
  static constexpr std::int64_t kShortestMemory = 200'000'000, kLongestMemory = 3'200'000'000;
  std::atomic<std::int64_t> until_{0}, noticed_until_{0}, memory_{kShortestMemory};
};

// One thread's account of its time. All but resting_at() is for that thread alone.
class Pace {
 public:
  // The thread has just got a processor after a sleep.
  void wake(std::int64_t now) noexcept;
  // To be called now and then. Notices when a fair part of the time was lost to others.
  void look(std::int64_t now, Crowding& crowding) noexcept;
  // Whether a burst is over. Then the thread must sleep.
  bool tired(std::int64_t now) const noexcept { return pieces_ >= kPiecesOfBurst && now - woken_ > kBurst; }
  void count_piece() noexcept { ++pieces_; }
  void rest(std::int64_t now) noexcept { rest_until_.store(now + rest_, std::memory_order_relaxed); }
  // For the thread that hands out work.
  bool resting_at(std::int64_t now) const noexcept { return now < rest_until_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::int64_t kBurst = 2'000'000, kShortestRest = 2'000'000, kLongestRest = 64'000'000;
  // Fewer pieces are so long that no burst could end in time: then resting would only be lost time.
  static constexpr int kPiecesOfBurst = 40;
  // Times between looks: shorter ones are not worth a question to the system.
  static constexpr std::int64_t kLook = 250'000;
  // A burst that lost this much was interrupted. Of a window of time, a share this large is lost only to a program that
  // keeps computing: what the system does now and then takes less.
  static constexpr std::int64_t kInterrupted = 400'000, kWindow = 25'000'000, kLostShare = 5;

  std::int64_t woken_ = 0, looked_ = 0;
  int pieces_ = 0;  // since woken_
  platform::ThreadUse use_;
  std::int64_t window_ = 0, lost_ = 0;
  std::int64_t rest_ = kShortestRest;
  std::atomic<std::int64_t> rest_until_{0};
};

std::int64_t clock_now() noexcept;

}  // namespace continuo
