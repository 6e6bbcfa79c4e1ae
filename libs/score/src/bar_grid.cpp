#include "continuo/score/bar_grid.h"

#include <algorithm>
#include <iterator>

namespace continuo::score {
namespace {

// Sorted, one per tick, and from tick 0 on.
std::vector<TimeSignature> signatures_from_start(const Score& score) {
  std::vector<TimeSignature> given = score.time_signatures;
  std::stable_sort(given.begin(), given.end(),
                   [](const TimeSignature& a, const TimeSignature& b) { return a.onset < b.onset; });
  std::vector<TimeSignature> signatures = {TimeSignature{}};
  for (const TimeSignature& signature : given) {
    if (signatures.back().onset == signature.onset) signatures.pop_back();
    signatures.push_back(signature);
  }
  return signatures;
}

// Bars must reach beyond this tick: the last note's onset or the last tick that sounds.
Ticks last_needed_tick(const Score& score) {
  Ticks last;
  for (const Track& track : score.tracks) {
    for (const Note& note : track.notes) last = std::max({last, note.onset, note.end() - Ticks(1)});
  }
  return last;
}

}  // namespace

BarGrid::BarGrid(const Score& score) {
  const std::vector<TimeSignature> signatures = signatures_from_start(score);
  const Ticks last = last_needed_tick(score);
  for (std::size_t i = 0; i < signatures.size() && signatures[i].onset <= last; ++i) {
    const TimeSignature& signature = signatures[i];
    const Ticks length = signature.bar_length(score.ticks_per_quarter);
    const bool is_final = i + 1 == signatures.size() || signatures[i + 1].onset > last;
    for (Ticks onset = signature.onset; is_final ? onset <= last : onset < signatures[i + 1].onset; onset += length) {
      const Ticks end = is_final ? onset + length : std::min(onset + length, signatures[i + 1].onset);
      bars_.push_back({onset, end - onset, signature});
      if (bars_.size() == kMaxBars) {
        bars_.back().length = std::max(bars_.back().length, last + Ticks(1) - onset);
        return;
      }
    }
  }
}

std::size_t BarGrid::index_at(Ticks time) const {
  const auto next =
      std::upper_bound(bars_.begin(), bars_.end(), time, [](Ticks t, const Bar& bar) { return t < bar.onset; });
  return next == bars_.begin() ? 0 : static_cast<std::size_t>(std::distance(bars_.begin(), next)) - 1;
}

}  // namespace continuo::score
