#include "pace.h"

#include <algorithm>
#include <chrono>

namespace continuo {

std::int64_t clock_now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Crowding::notice(std::int64_t now) noexcept {
  const std::int64_t memory = memory_.load(std::memory_order_relaxed);
  const bool again = now - noticed_until_.load(std::memory_order_relaxed) < memory;
  const std::int64_t next = again ? std::min(2 * memory, kLongestMemory) : kShortestMemory;
  memory_.store(next, std::memory_order_relaxed);
  noticed_until_.store(now + next, std::memory_order_relaxed);
  until_.store(now + next, std::memory_order_relaxed);
}

void Pace::wake(std::int64_t now) noexcept {
  woken_ = looked_ = now;
  use_ = platform::thread_use();
  pieces_ = 0;
}

void Pace::look(std::int64_t now, Crowding& crowding) noexcept {
  const std::int64_t passed = now - looked_;
  if (passed < kLook) return;
  const platform::ThreadUse use = platform::thread_use();
  // A thread that waits for a file or a page loses time as well, but not to others.
  const bool interrupted = use.interruptions > use_.interruptions;
  const std::int64_t lost =
      interrupted ? std::max<std::int64_t>(0, passed - (use.processor_ns - use_.processor_ns)) : 0;
  looked_ = now;
  use_ = use;
  window_ += passed;
  lost_ += lost;
  if (crowding.at(now)) {
    // A burst that was interrupted all the same was too long, or came too soon.
    rest_ = lost > kInterrupted ? std::min(2 * rest_, kLongestRest) : std::max(rest_ - rest_ / 8, kShortestRest);
  }
  if (window_ < kWindow) return;
  if (lost_ * kLostShare > window_) crowding.notice(now);
  window_ = lost_ = 0;
}

}  // namespace continuo
