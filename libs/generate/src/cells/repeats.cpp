#include "repeats.h"

#include <algorithm>

namespace continuo::generate {
namespace {

constexpr int kMostEqualCells = 8, kMostEqualBars = 4;

}  // namespace

void Repeats::begin_cell(std::size_t track) {
  const bool is_last = track + 1 == tracks_.size();
  const Last& last = tracks_[track];
  const bool differs = last.count >= kMostEqualCells || (is_last && all_equal_ && equal_bars_ >= kMostEqualBars);
  avoided_ = differs ? last.notes : std::vector<TokenId>();
}

std::optional<TokenId> Repeats::avoided_word(std::span<const TokenId> notes) const {
  std::size_t place = avoided_.size();
  for (std::size_t i = 0; i < avoided_.size() && (place == avoided_.size() || place < avoided_.size() / 2); ++i)
    if (cells_.pitch(avoided_[i])) place = i;
  if (notes.size() != place || place == avoided_.size()) return std::nullopt;
  const bool repeats = std::equal(notes.begin(), notes.end(), avoided_.begin());
  return repeats ? std::optional(avoided_[place]) : std::nullopt;
}

void Repeats::end_cell(std::size_t track, std::span<const TokenId> notes) {
  Last& last = tracks_[track];
  const bool is_equal = last.count > 0 && std::ranges::equal(notes, last.notes);
  last.count = is_equal ? last.count + 1 : 1;
  last.notes.assign(notes.begin(), notes.end());
  all_equal_ = all_equal_ && is_equal;
}

}  // namespace continuo::generate
