#pragma once

#include <cstdint>
#include <string_view>

namespace continuo::score {

// The instrument of a program number. Range: 0-127. Source: General MIDI System Level 1, sound set.
std::string_view program_name(std::uint8_t program);
// The drum at a key, or empty outside 35-81. Source: General MIDI System Level 1, percussion key map, in short
// names for labels.
std::string_view drum_name(std::uint8_t pitch);

}  // namespace continuo::score
