#include "continuo/metrics/piece_faults.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "continuo/score/bar_grid.h"

#include "notes.h"

namespace continuo::metrics {
namespace {

using score::Note;
using score::Score;

// Onset within the bar, length, key, program or drums.
using PlacedNote = std::tuple<std::int64_t, std::int64_t, std::uint8_t, int>;
constexpr int kDrums = -1;

int most_equal_bars(const Score& score, const score::BarGrid& grid) {
  std::vector<std::set<PlacedNote>> bars(grid.bars().size());
  for_each_note(score, [&](const score::Track& track, const Note& note) {
    const std::size_t bar = grid.index_at(note.onset);
    bars[bar].emplace((note.onset - grid.bars()[bar].onset).value, note.duration.value, note.pitch,
                      track.is_drum ? kDrums : track.program);
  });
  int most = 0, equal = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (bars[i].empty()) {
      equal = 0;
      continue;
    }
    equal = i > 0 && bars[i] == bars[i - 1] ? equal + 1 : 1;
    most = std::max(most, equal);
  }
  return most;
}

double longest_silence(const Score& score) {
  std::vector<std::pair<std::int64_t, std::int64_t>> notes;  // onset, end
  for_each_note(score, [&](const auto&, const Note& note) { notes.emplace_back(note.onset.value, note.end().value); });
  std::sort(notes.begin(), notes.end());
  std::int64_t longest = 0, end = notes.empty() ? 0 : notes.front().first;
  for (const auto& [onset, note_end] : notes) {
    longest = std::max(longest, onset - end);
    end = std::max(end, note_end);
  }
  return double(longest) / score.ticks_per_quarter;
}

}  // namespace

PieceFaults piece_faults(const Score& score) {
  const score::BarGrid grid(score);
  PieceFaults faults{.equal_bars = most_equal_bars(score, grid), .silent_quarters = longest_silence(score)};
  for_each_note(score, [&](const auto&, const Note& note) {
    const auto bar = double(grid.bars()[grid.index_at(note.onset)].length.value);
    faults.longest_note_bars = std::max(faults.longest_note_bars, double(note.duration.value) / bar);
  });
  return faults;
}

}  // namespace continuo::metrics
