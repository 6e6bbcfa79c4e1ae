#include "continuo/metrics/piece_statistics.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "continuo/score/bar_grid.h"

#include "histogram.h"
#include "notes.h"

namespace continuo::metrics {
namespace {

using score::Note;
using score::Score;
using score::Ticks;

constexpr std::size_t kGroovePlaces = 16;

void count_polyphony(const Score& score, PieceStatistics& statistics) {
  SoundChanges changes;
  for_each_note(score, [&](const auto&, const Note& note) {
    if (note.duration <= Ticks(0)) return;
    changes.emplace_back(note.onset.value, 1);
    changes.emplace_back(note.end().value, -1);
  });
  double sounding_ticks = 0, note_ticks = 0, several_ticks = 0;
  for_each_stretch(std::move(changes), [&](int notes, std::int64_t stretch) {
    const auto ticks = double(stretch);
    if (notes > 0) sounding_ticks += ticks;
    if (notes > 1) several_ticks += ticks;
    note_ticks += notes * ticks;
  });
  if (sounding_ticks == 0) return;
  statistics.polyphony = note_ticks / sounding_ticks;
  statistics.polyphony_rate = several_ticks / sounding_ticks;
}

void count_pitches(const Score& score, PieceStatistics& statistics) {
  std::array<double, 12> counts{};
  double notes = 0, sum = 0;
  int lowest = 127, highest = 0;
  for_each_pitched_note(score, [&](const Note& note) {
    ++counts[note.pitch % 12];
    ++notes;
    sum += note.pitch;
    lowest = std::min<int>(lowest, note.pitch);
    highest = std::max<int>(highest, note.pitch);
  });
  if (notes == 0) return;
  statistics.pitch_mean = sum / notes;
  statistics.pitch_range = highest - lowest;
  for (std::size_t i = 0; i < 12; ++i) statistics.pitch_classes[i] = counts[i] / notes;
  statistics.pitch_class_entropy = *entropy_bits(counts);
  statistics.scale_consistency = *best_scale_share(counts);
}

double groove_consistency(const Score& score, const score::BarGrid& grid) {
  const auto bars = onsets_of_bars<kGroovePlaces>(score, grid);
  if (bars.size() < 2) return 1;
  std::size_t different = 0;
  for (std::size_t i = 1; i < bars.size(); ++i) different += (bars[i] ^ bars[i - 1]).count();
  return 1 - double(different) / double(kGroovePlaces * (bars.size() - 1));
}

void count_velocity_and_duration(const Score& score, PieceStatistics& statistics) {
  const double notes = double(statistics.notes);
  double velocity = 0, ticks = 0, squares = 0;
  for_each_note(score, [&](const auto&, const Note& note) {
    velocity += note.velocity;
    ticks += double(note.duration.value);
  });
  statistics.velocity_mean = velocity / notes;
  statistics.duration_mean_quarters = ticks / notes / score.ticks_per_quarter;
  for_each_note(score, [&](const auto&, const Note& note) {
    squares += (note.velocity - statistics.velocity_mean) * (note.velocity - statistics.velocity_mean);
  });
  statistics.velocity_deviation = std::sqrt(squares / notes);
}

}  // namespace

PieceStatistics piece_statistics(const Score& score) {
  PieceStatistics statistics;
  statistics.notes = score.note_count();
  if (statistics.notes == 0) return statistics;
  const score::BarGrid grid(score);
  statistics.seconds = score.duration().value;
  statistics.bars = double(grid.bars().size());
  if (statistics.seconds > 0) statistics.notes_per_second = double(statistics.notes) / statistics.seconds;
  statistics.notes_per_bar = double(statistics.notes) / statistics.bars;
  count_polyphony(score, statistics);
  count_pitches(score, statistics);
  statistics.groove_consistency = groove_consistency(score, grid);
  count_velocity_and_duration(score, statistics);
  return statistics;
}

}  // namespace continuo::metrics
