#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "score.h"

namespace continuo::notation::written {

// What a dynamic mark does, in velocities: to the notes of its instant, and to all from there on.
struct Dynamic {
  std::optional<int> attack;
  std::optional<int> level;
};

// "p", "ff", "sfz" ...; nothing for other names.
std::optional<Dynamic> dynamic_of_mark(std::string_view name);

// Sorts the notes of a measure by offset and gives each the velocity that the marks up to it ask for, but for those
// with one of their own. `level`, the velocity in force, becomes that at the end of the measure.
void apply_dynamics(std::vector<Note>& notes, std::vector<At<Dynamic>>& dynamics, int& level);

}  // namespace continuo::notation::written
