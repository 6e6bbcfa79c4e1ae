#pragma once

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "continuo/score/bar_grid.h"
#include "continuo/score/score.h"

namespace continuo::metrics {

// visit(track, note) for each note.
template <typename Visit>
void for_each_note(const score::Score& score, Visit visit) {
  for (const auto& track : score.tracks)
    for (const score::Note& note : track.notes) visit(track, note);
}

template <typename Visit>
void for_each_pitched_note(const score::Score& score, Visit visit) {
  for_each_note(score, [&](const score::Track& track, const score::Note& note) {
    if (!track.is_drum) visit(note);
  });
}

// When the number of things that sound changes, and by how much. Units: ticks.
using SoundChanges = std::vector<std::pair<std::int64_t, int>>;

// visit(count, ticks) for each stretch of time between two changes, in order, that of no length too.
template <typename Visit>
void for_each_stretch(SoundChanges changes, Visit visit) {
  std::sort(changes.begin(), changes.end());
  int sounding = 0;
  for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
    sounding += changes[i].second;
    visit(sounding, changes[i + 1].first - changes[i].first);
  }
}

// The bar whose nearest of `places` equal places is nearest to each note: visit(bar, place, track, note). People play
// early, too: what is nearest to the next bar's beginning belongs there. After the last bar there is no next.
template <std::size_t places, typename Visit>
void for_each_place(const score::Score& score, const score::BarGrid& grid, Visit visit) {
  for_each_note(score, [&](const score::Track& track, const score::Note& note) {
    std::size_t index = grid.index_at(note.onset);
    const score::Bar& bar = grid.bars()[index];
    const double share = double((note.onset - bar.onset).value) / double(bar.length.value);
    auto place = std::size_t(std::llround(share * double(places)));
    if (place >= places) {
      place = 0;
      if (++index == grid.bars().size()) return;
    }
    visit(index, place, track, note);
  });
}

// Which places of each bar have an onset.
template <std::size_t places>
std::vector<std::bitset<places>> onsets_of_bars(const score::Score& score, const score::BarGrid& grid) {
  std::vector<std::bitset<places>> bars(grid.bars().size());
  for_each_place<places>(score, grid,
                         [&](std::size_t bar, std::size_t place, const auto&, const auto&) { bars[bar].set(place); });
  return bars;
}

}  // namespace continuo::metrics
