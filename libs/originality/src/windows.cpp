#include "windows.h"

#include <algorithm>
#include <array>
#include <optional>

#include "continuo/base/hash.h"

namespace continuo::originality {
namespace {

constexpr std::size_t kMostNotes = std::max(kIndexed.notes, kSketched.notes);

// Nothing for a window that says nothing.
std::optional<std::uint64_t> hash_of(std::span<const std::uint8_t> pitches, int bits) {
  std::array<std::uint8_t, kMostNotes - 1> space{};
  const auto intervals = std::span(space).first(pitches.size() - 1);
  for (std::size_t i = 0; i < intervals.size(); ++i) intervals[i] = std::uint8_t(pitches[i + 1] - pitches[i]);
  auto sorted = space;
  const auto end = sorted.begin() + std::ptrdiff_t(intervals.size());
  std::sort(sorted.begin(), end);
  const auto different = std::size_t(std::unique(sorted.begin(), end) - sorted.begin());
  if (different < kLeastDifferent) return std::nullopt;
  const std::uint64_t hash = fnv1a(intervals);
  return (hash ^ (hash >> 32)) & (~std::uint64_t{0} >> (64 - bits));
}

}  // namespace

std::vector<Window> kept_windows(std::span<const std::uint8_t> pitches, WindowKind kind) {
  if (pitches.size() < kind.notes) return {};
  const std::size_t count = pitches.size() - kind.notes + 1;
  std::vector<std::optional<std::uint64_t>> hashes(count);
  for (std::size_t i = 0; i < count; ++i) hashes[i] = hash_of(pitches.subspan(i, kind.notes), kind.hash_bits);
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
