#include "beat_meters.h"

#include <algorithm>

#include "continuo/score/bar_grid.h"

#include "../core/grid_notes.h"

namespace continuo::tokens {
namespace {

// In order of time; those that are no words are left out, and the first is at 0.
std::vector<MeterSection> known_meters(const score::Score& score, const BeatWords& words) {
  std::vector<MeterSection> given;
  if (words.options().meters) {
    for (const score::TimeSignature& signature : score::signatures_of_bars(score)) {
      const int meter = words.find_meter(signature.numerator, signature.denominator);
      if (meter >= 0) given.push_back({std::clamp<std::int64_t>(signature.onset.value, 0, kMaxTicks), meter});
    }
    std::stable_sort(given.begin(), given.end(), [](const auto& a, const auto& b) { return a.onset < b.onset; });
  }
  if (given.empty() || given.front().onset > 0) given.insert(given.begin(), MeterSection{0, words.default_meter()});
  return given;
}

}  // namespace

BeatMeters::BeatMeters(const score::Score& score, const BeatWords& words) : words_(words) {
  const std::vector<MeterSection> given = known_meters(score, words);
  int largest = 1;
  for (const MeterSection& section : given) largest = std::max(largest, words.meter(section.meter).denominator);
  ticks_per_quarter_ = std::max(1, words.positions_per_beat() * largest / 4);
  if (words.has_deviations()) ticks_per_quarter_ = words.ticks_per_quarter();
  for (const MeterSection& section : given)
    add(section.onset * ticks_per_quarter_ / score.ticks_per_quarter, section.meter);
  if (words.has_deviations()) return;
  for (std::size_t i = 0; i < sections_.size(); ++i) coarser_ |= step(i) > 1;
}

// At the next bar line of the section before, or in place of one that begins there too.
void BeatMeters::add(std::int64_t onset, int meter) {
  if (sections_.empty()) return sections_.push_back({0, meter});
  const MeterSection last = sections_.back();
  if (last.meter == meter) return;
  const std::int64_t bar = words_.meter(last.meter).ticks_per_bar / scale();
  const std::int64_t bars = (std::max(onset, last.onset) - last.onset + bar - 1) / bar;
  if (bars == 0) sections_.pop_back();
  if (sections_.empty() || sections_.back().meter != meter) sections_.push_back({last.onset + bars * bar, meter});
}

std::int64_t BeatMeters::snap(std::int64_t time, std::size_t& section) const {
  if (!coarser_) return time;
  find(time, section);
  const std::int64_t start = sections_[section].onset, step = this->step(section);
  std::int64_t positions = (time - start) / step;
  const std::int64_t twice_rest = 2 * ((time - start) % step);
  if (twice_rest > step || (twice_rest == step && positions % 2 == 1)) ++positions;
  const std::int64_t snapped = start + positions * step;
  find(snapped, section);
  return snapped;
}

}  // namespace continuo::tokens
