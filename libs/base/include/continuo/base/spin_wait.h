#pragma once

#include <atomic>

namespace continuo {

// Waits that are usually over in microseconds, less than a sleeping thread takes to wake up. About 50 us long; a thread
// that has lost its processor to another program then sleeps, and does not stall the one that still has its own.
inline constexpr int kSpins = 4000;

// Lets the processor's other hardware thread go first for a moment.
void spin_pause() noexcept;

// Returns when `value` is no longer `old`: spins, then sleeps until a notify.
template <typename Value>
void wait_for_change(const std::atomic<Value>& value, Value old, int spins = kSpins) noexcept {
  for (int spin = 0; spin < spins; ++spin) {
    if (value.load(std::memory_order_acquire) != old) return;
    spin_pause();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace continuo
