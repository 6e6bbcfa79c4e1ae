#include "continuo/score/tempo_map.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace continuo::score {
namespace {

constexpr Tempo kDefaultTempo{};
constexpr std::int64_t kLastTick = std::int64_t{1} << 60;

bool before(Ticks time, const Tempo& change) { return time < change.onset; }

}  // namespace

TempoMap::TempoMap(std::int32_t ticks_per_quarter, std::vector<Tempo> changes) : ticks_per_quarter_(ticks_per_quarter) {
  std::stable_sort(changes.begin(), changes.end(), [](const Tempo& a, const Tempo& b) { return a.onset < b.onset; });
  changes_.reserve(changes.size());
  change_clocks_.reserve(changes.size());
  for (const Tempo& change : changes) {
    if (!changes_.empty() && changes_.back().onset == change.onset) {
      changes_.back() = change;
      continue;
    }
    change_clocks_.push_back(clock_at(change.onset));
    changes_.push_back(change);
  }
}

Tempo TempoMap::at(Ticks time) const {
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), time, before);
  return next == changes_.begin() ? kDefaultTempo : *std::prev(next);
}

TempoMap::Clock TempoMap::clock_at(Ticks time) const {
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), time, before);
  if (next == changes_.begin()) return Clock{time.value} * kDefaultTempo.microseconds_per_quarter;
  const std::size_t index = static_cast<std::size_t>(next - changes_.begin()) - 1;
  const Tempo& change = changes_[index];
  return change_clocks_[index] + Clock{(time - change.onset).value} * change.microseconds_per_quarter;
}

Seconds TempoMap::seconds_of(Clock clock) const {
  return Seconds(static_cast<double>(clock) / (1e6 * ticks_per_quarter_));
}

Seconds TempoMap::to_seconds(Ticks time) const { return seconds_of(clock_at(time)); }

Ticks TempoMap::to_ticks(Seconds time) const {
  const auto next = std::upper_bound(change_clocks_.begin(), change_clocks_.end(), time,
                                     [this](Seconds t, Clock clock) { return t < seconds_of(clock); });
  Tempo tempo = kDefaultTempo;
  Clock start = 0;
  if (next != change_clocks_.begin()) {
    const std::size_t index = static_cast<std::size_t>(next - change_clocks_.begin()) - 1;
    tempo = changes_[index];
    start = change_clocks_[index];
  }
  const double clocks = time.value * 1e6 * ticks_per_quarter_ - static_cast<double>(start);
  const double ticks = std::round(clocks / tempo.microseconds_per_quarter);
  if (!(ticks < static_cast<double>(kLastTick))) return Ticks(kLastTick);
  return tempo.onset + Ticks(static_cast<std::int64_t>(ticks));
}

}  // namespace continuo::score
