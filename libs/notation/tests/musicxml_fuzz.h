#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace continuo::notation {

// What must hold for any bytes at all, for libFuzzer and for the test that tries a fixed number of damaged ones:
// reading them ends in an Error with a reason or in a Score whose values are in range and that can be written as MIDI.
// Returns what does not hold, or nothing.
std::string fuzz_musicxml(std::span<const std::uint8_t> bytes);

// Bytes to begin with: a score that uses most of what is read, partwise and timewise.
std::vector<std::vector<std::uint8_t>> musicxml_seeds();

}  // namespace continuo::notation
