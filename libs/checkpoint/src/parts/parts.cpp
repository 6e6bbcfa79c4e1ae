#include "continuo/checkpoint/parts.h"

#include "parts/part_tables.h"

namespace continuo::checkpoint {

bool has_shift(NormKind kind) { return row_of(kNorms, kind).traits.has_shift; }
FeedForwardTraits traits_of(FeedForwardKind kind) { return row_of(kFeedForwards, kind).traits; }
CellTraits traits_of(CellKind kind) { return row_of(kCells, kind).traits; }
std::string_view to_string(Positions positions) { return row_of(kPositions, positions).name; }

std::span<const std::string_view> positions_names() {
  static constexpr auto kNames = [] {
    std::array<std::string_view, std::size(kPositions)> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kPositions[i].name;
    return names;
  }();
  return kNames;
}

std::optional<Positions> positions_named(std::string_view name) {
  for (const auto& row : kPositions) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

}  // namespace continuo::checkpoint
