#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace continuo::notation {

// The same for MIDI as fuzz_musicxml() checks for MusicXML; and what has been read is the same notes, at the same
// tempos, once it has been written and read again.
std::string fuzz_midi(std::span<const std::uint8_t> bytes);

// Bytes to begin with: a file with events of every kind.
std::vector<std::vector<std::uint8_t>> midi_seeds();

}  // namespace continuo::notation
