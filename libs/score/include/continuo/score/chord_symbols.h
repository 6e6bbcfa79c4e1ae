#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace continuo::score {

// What a chord symbol names.
struct NamedChord {
  int root = 0, bass = 0;      // pitch classes, C is 0
  std::vector<int> intervals;  // above the root, without the root itself. Units: semitones
  bool is_silent = false;      // "N.C.": nothing sounds
};

// "Am7", "F#dim", "Bb/D", "C7(b9)", "N.C.". Nothing where it cannot be understood.
std::optional<NamedChord> read_chord_symbol(std::string_view symbol);

}  // namespace continuo::score
