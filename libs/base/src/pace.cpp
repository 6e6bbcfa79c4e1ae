#include "pace.h"

#include <algorithm>
#include <chrono>

namespace continuo {

std::int64_t clock_now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Pace::wake(std::int64_t now) noexcept {
  woken_ = looked_ = now;
  use_ = platform::thread_use();
}

void Pace::look(std::int64_t now, Crowding& crowding) noexcept {
  const std::int64_t passed = now - looked_;
  if (passed < kSuspicious) return;
  const platform::ThreadUse use = platform::thread_use();
  const bool lost = use.interruptions > use_.interruptions && passed - (use.processor_ns - use_.processor_ns) > kLost;
  looked_ = now;
  use_ = use;
  if (lost) {
    // A burst that is cut short all the same was too long or came too soon.
    if (crowding.at(now)) rest_ = std::min(2 * rest_, kLongestRest);
    crowding.notice(now);
    woken_ = now - kBurst - 1;
  } else {
    rest_ = std::max(rest_ - rest_ / 8, kShortestRest);
  }
}

}  // namespace continuo
