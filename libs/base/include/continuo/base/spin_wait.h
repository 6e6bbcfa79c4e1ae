#pragma once

namespace continuo {

// For loops that wait for another thread: lets the processor's other hardware thread go first for a moment.
void spin_pause() noexcept;

}  // namespace continuo
