#include "windows.h"

#include <algorithm>
#include <array>
#include <optional>

#include "continuo/base/hash.h"

namespace continuo::originality {
namespace {

// Nothing for a window that says nothing.
std::optional<std::uint32_t> hash_of(std::span<const std::uint8_t> pitches) {
  std::array<std::uint8_t, kWindow - 1> intervals{};
  for (std::size_t i = 0; i < intervals.size(); ++i) intervals[i] = std::uint8_t(pitches[i + 1] - pitches[i]);
  auto sorted = intervals;
  std::ranges::sort(sorted);
  const auto different = std::size_t(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
  if (different < kLeastDifferent) return std::nullopt;
  const std::uint64_t hash = fnv1a(intervals);
  return std::uint32_t(hash ^ (hash >> 32));
}

}  // namespace

std::vector<Window> kept_windows(std::span<const std::uint8_t> pitches) {
  if (pitches.size() < kWindow) return {};
  const std::size_t count = pitches.size() - kWindow + 1;
  std::vector<std::optional<std::uint32_t>> hashes(count);
  for (std::size_t i = 0; i < count; ++i) hashes[i] = hash_of(pitches.subspan(i, kWindow));
  std::vector<Window> kept;
  for (std::size_t first = 0; first == 0 || first + kOneOf <= count; ++first) {
    std::optional<Window> least;
    for (std::size_t i = first; i < std::min(first + kOneOf, count); ++i)
      if (hashes[i] && (!least || *hashes[i] <= least->hash)) least = Window{*hashes[i], i};
    if (least && (kept.empty() || kept.back() != *least)) kept.push_back(*least);
  }
  return kept;
}

}  // namespace continuo::originality
