#include "remi_bars.h"

#include <algorithm>
#include <numeric>

#include "continuo/score/bar_grid.h"

#include "../core/velocity_bins.h"

namespace continuo::tokens {
namespace {

using score::Score;

constexpr int kSixteenthsPerQuarter = 4;
constexpr int kSixteenthsOf44 = 16;

// A time signature and when it begins. Units: sixteenths.
struct MeterChange {
  std::int64_t onset = 0;
  int numerator = 4, denominator = 4;
  int length() const { return std::max(1, (2 * 16 * numerator + denominator) / (2 * denominator)); }
};

// In order, one at a time at most, the first at 0, none after `last`.
std::vector<MeterChange> meter_changes(const Score& score, std::int64_t last) {
  std::vector<score::TimeSignature> given = score::signatures_of_bars(score);
  std::stable_sort(given.begin(), given.end(), [](const auto& a, const auto& b) { return a.onset < b.onset; });
  std::vector<MeterChange> changes = {MeterChange{}};
  for (const score::TimeSignature& signature : given) {
    if (signature.numerator < 1 || signature.numerator > 255 || signature.denominator < 1) continue;
    const std::int64_t onset = nearest_step(signature.onset, kSixteenthsPerQuarter, score.ticks_per_quarter);
    if (onset > last) break;
    if (onset > changes.back().onset) changes.emplace_back();
    changes.back() = {onset, signature.numerator, signature.denominator};
  }
  return changes;
}

// Meters that are words and last `sixteenths` together: one if possible, otherwise 4/4 and a rest.
void add_meters(std::int64_t sixteenths, const RemiWords& words, std::vector<int>& meters) {
  for (const int denominator : {4, 8, 16}) {
    const int unit = 16 / denominator;
    if (sixteenths % unit != 0 || sixteenths / unit > 255) continue;
    const int meter = words.find_meter(int(sixteenths / unit), denominator);
    if (meter >= 0) return meters.push_back(meter);
  }
  for (; sixteenths > kSixteenthsOf44; sixteenths -= kSixteenthsOf44) meters.push_back(words.find_meter(4, 4));
  add_meters(sixteenths, words, meters);
}

std::vector<int> meters_of(const MeterChange& change, const RemiWords& words) {
  const int meter = words.find_meter(change.numerator, change.denominator);
  if (meter >= 0) return {meter};
  std::vector<int> meters;
  add_meters(change.length(), words, meters);
  return meters;
}

// Lays bars one after the other up to the one that holds the last onset.
class BarLayer {
 public:
  BarLayer(const RemiWords& words, std::int64_t last_onset) : words_(words), last_onset_(last_onset) {}

  void add(const std::vector<int>& meters) {
    for (const int meter : meters) {
      if (is_done()) return;
      bars.push_back({end_, meter});
      end_ += words_.meter(meter).length;
    }
  }
  bool is_done() const { return end_ > last_onset_; }
  std::int64_t end() const { return end_; }
  std::vector<RemiBar> bars;

 private:
  const RemiWords& words_;
  std::int64_t last_onset_;
  std::int64_t end_ = 0;
};

std::vector<RemiBar> lay_bars(const Score& score, const RemiWords& words, std::int64_t last_onset) {
  const int positions = words.positions_per_quarter() / kSixteenthsPerQuarter;  // of a sixteenth
  const std::vector<MeterChange> changes = meter_changes(score, last_onset / positions);
  BarLayer layer(words, last_onset);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const std::vector<int> meters = meters_of(changes[i], words);
    const std::int64_t length = std::accumulate(meters.begin(), meters.end(), std::int64_t{0},
                                                [&](auto sum, int meter) { return sum + words.meter(meter).length; });
    const bool is_last = i + 1 == changes.size();
    const std::int64_t end = is_last ? last_onset + length : changes[i + 1].onset * positions;
    while (!layer.is_done() && layer.end() + length <= end) layer.add(meters);
    if (is_last || layer.end() == end) continue;
    std::vector<int> cut_short;
    add_meters((end - layer.end()) / positions, words, cut_short);
    layer.add(cut_short);
  }
  return std::move(layer.bars);
}

std::vector<RemiTempo> tempo_changes(const Score& score, const RemiWords& words, std::int64_t last_onset) {
  std::vector<score::Tempo> given = score.tempos;
  std::stable_sort(given.begin(), given.end(), [](const auto& a, const auto& b) { return a.onset < b.onset; });
  std::vector<RemiTempo> changes = {{0, words.nearest_tempo(120)}};
  for (const score::Tempo& tempo : given) {
    if (tempo.microseconds_per_quarter < 1) continue;
    const std::int64_t onset = nearest_step(tempo.onset, words.positions_per_quarter(), score.ticks_per_quarter);
    if (onset > last_onset) break;
    if (onset > changes.back().onset) changes.emplace_back();
    changes.back() = {onset, words.nearest_tempo(tempo.quarters_per_minute())};
  }
  const auto unchanged = [](const RemiTempo& a, const RemiTempo& b) { return a.tempo == b.tempo; };
  changes.erase(std::unique(changes.begin(), changes.end(), unchanged), changes.end());
  return changes;
}

// Which bars hold a note's onset or a tempo.
std::vector<bool> bars_in_use(const RemiPiece& piece) {
  std::vector<bool> in_use(piece.bars.size(), false);
  const auto mark = [&](const auto& events) {
    std::size_t bar = 0;
    for (const auto& event : events) {
      while (bar + 1 < piece.bars.size() && piece.bars[bar + 1].onset <= event.onset) ++bar;
      in_use[bar] = true;
    }
  };
  mark(piece.notes);
  mark(piece.tempos);
  return in_use;
}

// Takes out the empty bars beyond kMaxEmptyBars in a row; what follows moves with its bar.
void drop_empty_bars(RemiPiece& piece, const RemiWords& words) {
  const std::vector<bool> in_use = bars_in_use(piece);
  std::vector<RemiBar> kept;
  std::size_t note = 0, tempo = 0;
  std::int64_t removed = 0;
  int run = 0;
  for (std::size_t i = 0; i < piece.bars.size(); ++i) {
    const RemiBar bar = piece.bars[i];
    const std::int64_t length = words.meter(bar.meter).length;
    run = in_use[i] ? 0 : run + 1;
    if (run > kMaxEmptyBars) {
      removed += length;
      ++piece.empty_bars_dropped;
      continue;
    }
    kept.push_back({bar.onset - removed, bar.meter});
    for (; note < piece.notes.size() && piece.notes[note].onset < bar.onset + length; ++note)
      piece.notes[note].onset -= removed;
    for (; tempo < piece.tempos.size() && piece.tempos[tempo].onset < bar.onset + length; ++tempo)
      piece.tempos[tempo].onset -= removed;
  }
  piece.bars = std::move(kept);
}

}  // namespace

void settle_notes(std::vector<GridNote>& notes, const RemiWords& words) {
  for (GridNote& note : notes) note.duration = words.duration(words.nearest_duration(note.duration));
  resolve_overlaps(notes);
  for (GridNote& note : notes) note.duration = words.duration(words.duration_within(note.duration));
}

Result<RemiPiece> put_on_grid(const Score& score, const RemiWords& words) {
  CONTINUO_TRY(check_score(score));
  RemiPiece piece;
  for (const score::Track& track : score.tracks) {
    for (const score::Note& note : track.notes) {
      GridNote snapped = snap_note(note, words.positions_per_quarter(), score.ticks_per_quarter);
      snapped.voice = voice_of(track);
      snapped.velocity = velocity_of_bin(velocity_bin(snapped.velocity));
      piece.notes.push_back(snapped);
    }
  }
  settle_notes(piece.notes, words);
  const std::int64_t last_onset = piece.notes.back().onset;
  CONTINUO_TRY(check_length(piece.notes, words.positions_per_quarter()));
  piece.tempos = tempo_changes(score, words, last_onset);
  piece.bars = lay_bars(score, words, last_onset);
  drop_empty_bars(piece, words);
  // Notes have come closer to one another.
  if (piece.empty_bars_dropped > 0) settle_notes(piece.notes, words);
  return piece;
}

}  // namespace continuo::tokens
