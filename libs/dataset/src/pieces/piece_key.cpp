#include "pieces/piece_key.h"

#include <algorithm>
#include <array>
#include <vector>

#include "continuo/base/hash.h"
#include "continuo/score/quantise.h"

namespace continuo::dataset {
namespace {

constexpr int kStepsPerQuarter = 24;
constexpr std::int64_t kLatestTick = (std::int64_t{1} << 52) - 1;

struct GridNote {
  std::int64_t onset, duration;
  bool is_drum;
  std::uint8_t pitch;
  friend auto operator<=>(const GridNote&, const GridNote&) = default;
};

std::int64_t step_at(score::Ticks time, const score::Score& score) {
  const score::Ticks bounded(std::clamp<std::int64_t>(time.value, 0, kLatestTick));
  return score::nearest_step(bounded, std::max(1, score.ticks_per_quarter), kStepsPerQuarter);
}

std::vector<GridNote> grid_notes(const score::Score& score) {
  std::vector<GridNote> notes;
  for (const score::Track& track : score.tracks) {
    for (const score::Note& note : track.notes) {
      const std::int64_t onset = step_at(note.onset, score);
      const std::int64_t duration = step_at(note.end(), score) - onset;
      notes.push_back({onset, std::max<std::int64_t>(1, duration), track.is_drum, note.pitch});
    }
  }
  std::sort(notes.begin(), notes.end());
  notes.erase(std::unique(notes.begin(), notes.end()), notes.end());
  return notes;
}

std::uint64_t hash_of(const std::vector<GridNote>& notes, std::int64_t first_onset, std::uint8_t lowest) {
  std::uint64_t hash = kFnvBasis;
  for (const GridNote& note : notes) {
    std::array<std::uint8_t, 14> bytes{};
    const auto onset = std::uint64_t(note.onset - first_onset);
    const auto duration = std::uint32_t(note.duration);
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = std::uint8_t(onset >> (8 * i));
    for (std::size_t i = 0; i < 4; ++i) bytes[8 + i] = std::uint8_t(duration >> (8 * i));
    bytes[12] = note.is_drum;
    bytes[13] = std::uint8_t(note.is_drum ? note.pitch : note.pitch - lowest);
    hash = fnv1a(bytes, hash);
  }
  return hash;
}

}  // namespace

PieceKey piece_key(const score::Score& score) {
  const auto notes = grid_notes(score);
  const std::int64_t first_onset = notes.empty() ? 0 : notes.front().onset;
  std::uint8_t lowest = 127;
  for (const GridNote& note : notes)
    if (!note.is_drum) lowest = std::min(lowest, note.pitch);
  return {.exact = hash_of(notes, first_onset, 0), .group = hash_of(notes, first_onset, lowest)};
}

}  // namespace continuo::dataset
