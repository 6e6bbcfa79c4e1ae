#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace continuo::dataset {

// The name of a piece's copy transposed by that many semitones: "a.mid@+3", "a.mid@-2".
std::string copy_name(std::string_view piece, int semitones);

// The piece that a copy is of; nothing for a piece itself, whose name ends as music files do or in "#n".
std::optional<std::string_view> original_of_copy(std::string_view name);

}  // namespace continuo::dataset
