#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/dataset/split.h"
#include "continuo/dataset/split_shares.h"

namespace continuo::dataset {

inline constexpr std::string_view kOfficialSplitRule = "official";
// "by content hash, 80/10/10"
std::string hash_split_rule(const SplitShares& shares);
// The shares of such a rule; nothing for another text.
std::optional<SplitShares> shares_of_rule(std::string_view rule);

// A split for each piece, given the group (PieceKey::group) of each. A group's place on a line from 0 to 1 is a
// function of (seed, group) alone. The line is cut where the shares say, at 0.8 and 0.9 for 80/10/10: places before the
// first cut are training, those before the second validation, the rest test; so a piece keeps its split when others
// come or go. Only where a part with a share would be empty the cuts move to the nearest group: the first group is
// always training, the last of two or more is in another part if one has a share, and of three groups or more no part
// with a share is empty. Requires: shares.is_valid().
std::vector<Split> assign_splits(std::span<const std::uint64_t> groups, std::uint64_t seed,
                                 const SplitShares& shares = {});

// Whether a group's place alone makes it training material, whatever others there are.
bool falls_into_training(std::uint64_t group, std::uint64_t seed, const SplitShares& shares = {});

}  // namespace continuo::dataset
