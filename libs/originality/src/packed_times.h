#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/originality/note_lines.h"

namespace continuo::originality {

// When the notes of a line come, a byte for most of them: of each the time since the note before, shifted by a bit that
// says whether bars have begun since, and then how many more than one; both in seven bits a byte, the lowest first, the
// top bit set in all bytes but the last (LEB128). The first note follows one at time 0 in bar 0.
std::vector<std::uint8_t> pack_times(std::span<const LineNote> notes);

// Gives notes their times. What is missing or broken is as in the note before.
void unpack_times(std::span<const std::uint8_t> packed, std::span<LineNote> notes);

}  // namespace continuo::originality
