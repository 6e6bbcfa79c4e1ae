#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace continuo::score {

// "60", or "C4" (middle C), "F#3", "Bb-1": a MIDI key, 0 to 127.
std::optional<int> find_pitch(std::string_view name);

// "C major", "F# minor", "D dorian", "Am", "C": a bit for each pitch class, C the first. Upper and lower case are the
// same but in "Am" and "C".
std::optional<std::uint16_t> find_scale(std::string_view name);
// "major, minor, harmonic minor, ...".
std::string scale_names();

}  // namespace continuo::score
