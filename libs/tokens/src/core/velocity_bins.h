#pragma once

#include <algorithm>
#include <cstdint>

namespace continuo::tokens {

// Loudness in 32 equal bins of four MIDI velocities; a bin sounds like its second value.
inline constexpr int kVelocityBins = 32;

// Range: 0 to 31.
constexpr int velocity_bin(int velocity) { return (std::clamp(velocity, 1, 127) - 1) / 4; }
constexpr std::uint8_t velocity_of_bin(int bin) { return std::uint8_t(4 * bin + 2); }

}  // namespace continuo::tokens
