#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace continuo::notation {

// The same for ABC as fuzz_musicxml() checks for MusicXML.
std::string fuzz_abc(std::span<const std::uint8_t> bytes);

// Bytes to begin with: a tune that uses most of what is read.
std::vector<std::vector<std::uint8_t>> abc_seeds();

}  // namespace continuo::notation
