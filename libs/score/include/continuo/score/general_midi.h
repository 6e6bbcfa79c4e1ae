#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace continuo::score {

// The instrument of a program number. Range: 0-127. Source: General MIDI System Level 1, sound set.
std::string_view program_name(std::uint8_t program);
// Keys, both included.
struct PitchSpan {
  int lowest = 0, highest = 127;
};
// What the instrument of a program can play, wide rather than narrow: from the lowest to the highest note that players
// of it are asked for; for synthesisers and effects the keys of a piano. As it sounds, not as it is written. Range:
// 0-127.
PitchSpan program_range(std::uint8_t program);
// The drum at a key, or empty outside 35-81. Source: General MIDI System Level 1, percussion key map, in short
// names for labels.
std::string_view drum_name(std::uint8_t pitch);

// What plays a track.
struct Sound {
  std::uint8_t program = 0;  // 0 for drums
  bool is_drum = false;
  friend bool operator==(const Sound&, const Sound&) = default;
};

// The sound that a musician means by "piano", "bass", "strings", "drums"; a General MIDI name ("Alto Sax") or a program
// number ("33") is understood too. Upper and lower case are the same.
std::optional<Sound> find_sound(std::string_view name);

}  // namespace continuo::score
