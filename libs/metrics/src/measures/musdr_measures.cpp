#include "continuo/metrics/musdr_measures.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "continuo/score/bar_grid.h"
#include "continuo/score/chord_names.h"

#include "histogram.h"
#include "notes.h"

namespace continuo::metrics {
namespace {

using score::Score;
using Histogram = std::array<double, 12>;

constexpr std::size_t kPlaces = 64;
constexpr std::size_t kTrigram = 3;

std::vector<Histogram> pitch_classes_of_bars(const Score& score, const score::BarGrid& grid) {
  std::vector<Histogram> bars(grid.bars().size());
  for_each_place<kPlaces>(score, grid, [&](std::size_t bar, std::size_t, const auto& track, const auto& note) {
    if (!track.is_drum) ++bars[bar][note.pitch % 12];
  });
  return bars;
}

std::optional<double> mean_entropy(const std::vector<Histogram>& bars, std::size_t window) {
  window = std::min(window, bars.size());
  double sum = 0, windows = 0;
  for (std::size_t begin = 0; begin + window <= bars.size(); ++begin) {
    Histogram counts{};
    for (std::size_t bar = begin; bar < begin + window; ++bar)
      for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += bars[bar][i];
    const auto entropy = entropy_bits(counts);
    if (!entropy) continue;
    sum += *entropy;
    ++windows;
  }
  if (windows == 0) return {};
  return sum / windows;
}

// Two bars differ at a place where one of them has an onset: of n bars, c of which have one, c (n - c) pairs do.
std::optional<double> grooving_similarity(const Score& score, const score::BarGrid& grid) {
  const auto bars = onsets_of_bars<kPlaces>(score, grid);
  if (bars.size() < 2) return {};
  const auto n = double(bars.size());
  double different = 0;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    const auto with = double(std::ranges::count_if(bars, [&](const auto& bar) { return bar.test(place); }));
    different += with * (n - with);
  }
  return 1 - different / (double(kPlaces) * n * (n - 1) / 2);
}

std::optional<double> chord_irregularity(const Score& score, const score::BarGrid& grid) {
  auto chords = score::bar_chords(score, grid);
  std::erase_if(chords, [](const std::string& chord) { return chord.empty(); });
  if (chords.size() < kTrigram) return {};
  std::set<std::array<std::string, kTrigram>> different;
  const std::size_t trigrams = chords.size() - kTrigram + 1;
  for (std::size_t i = 0; i < trigrams; ++i) different.insert({chords[i], chords[i + 1], chords[i + 2]});
  return double(different.size()) / double(trigrams);
}

}  // namespace

MusdrMeasures musdr_measures(const Score& score) {
  if (score.note_count() == 0) return {};
  const score::BarGrid grid(score);
  const auto pitch_classes = pitch_classes_of_bars(score, grid);
  return {.pitch_class_entropy_1 = mean_entropy(pitch_classes, 1),
          .pitch_class_entropy_4 = mean_entropy(pitch_classes, 4),
          .grooving_similarity = grooving_similarity(score, grid),
          .chord_irregularity = chord_irregularity(score, grid)};
}

}  // namespace continuo::metrics
