#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/dataset/split.h"

namespace continuo::dataset {

inline constexpr std::string_view kHashSplitRule = "by content hash, 80/10/10";
inline constexpr std::string_view kOfficialSplitRule = "official";

// A split for each piece, given the group (PieceKey::group) of each. A group's place on a line from 0 to 1
// follows from (seed, group) alone: below 0.8 is training, below 0.9 validation, the rest test; so a piece
// keeps its split when others come or go. Only where a part would be empty its nearest neighbours on the line
// are moved: the first group is always training, the last of two or more validation or test, and of three
// groups or more none of the parts is empty.
std::vector<Split> assign_splits(std::span<const std::uint64_t> groups, std::uint64_t seed);

// Whether a group's place alone makes it training material, whatever others there are.
bool falls_into_training(std::uint64_t group, std::uint64_t seed);

}  // namespace continuo::dataset
