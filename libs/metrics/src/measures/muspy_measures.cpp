#include "continuo/metrics/muspy_measures.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "histogram.h"
#include "notes.h"

namespace continuo::metrics {
namespace {

using score::Note;
using score::Score;

constexpr std::size_t kPitches = 128;
constexpr int kMostPitches = 2;  // polyphony_rate counts what has more

std::int64_t measure_length(const Score& score) {
  const auto meter = score.time_signatures.empty() ? score::TimeSignature{} : score.time_signatures.front();
  return meter.bar_length(score.ticks_per_quarter).value;
}

// Share of the units of `unit` ticks, from 0 to the one in which the last note ends, that no note touches.
double empty_rate(const Score& score, std::int64_t length, std::int64_t unit) {
  std::vector<std::pair<std::int64_t, std::int64_t>> touched;  // first and last unit of each note
  for_each_note(score, [&](const auto&, const Note& note) {
    touched.emplace_back(note.onset.value / unit, note.end().value / unit);
  });
  std::sort(touched.begin(), touched.end());
  std::int64_t covered = 0, next = 0;  // units before `next` are done
  for (const auto& [first, last] : touched) {
    covered += std::max<std::int64_t>(0, last + 1 - std::max(first, next));
    next = std::max(next, last + 1);
  }
  return 1 - double(covered) / double(length / unit + 1);
}

// Of the number of pitches that sound. A pitch that several notes hold sounds once.
SoundChanges pitch_changes(const Score& score) {
  std::array<std::vector<std::pair<std::int64_t, std::int64_t>>, kPitches> notes;  // of each pitch: onset, end
  for_each_pitched_note(score, [&](const Note& note) {
    if (note.duration.value > 0) notes[note.pitch].emplace_back(note.onset.value, note.end().value);
  });
  SoundChanges changes;
  for (auto& of_pitch : notes) {
    std::sort(of_pitch.begin(), of_pitch.end());
    std::int64_t heard = 0;
    for (const auto& [onset, end] : of_pitch) {
      if (end <= heard) continue;
      changes.emplace_back(std::max(onset, heard), 1);
      changes.emplace_back(end, -1);
      heard = end;
    }
  }
  return changes;
}

void measure_polyphony(const Score& score, std::int64_t length, MuspyMeasures& measures) {
  std::int64_t sounding = 0, pitches = 0, many = 0;  // time, time weighted by pitches, time of more than kMostPitches
  for_each_stretch(pitch_changes(score), [&](int now, std::int64_t ticks) {
    if (now > 0) sounding += ticks;
    if (now > kMostPitches) many += ticks;
    pitches += now * ticks;
  });
  if (sounding > 0) measures.polyphony = double(pitches) / double(sounding);
  if (length > 0) measures.polyphony_rate = double(many) / double(length);
}

void measure_pitches(const Score& score, MuspyMeasures& measures) {
  std::array<double, kPitches> pitches{};
  std::array<double, 12> classes{};
  for_each_pitched_note(score, [&](const Note& note) {
    ++pitches[note.pitch];
    ++classes[note.pitch % 12];
  });
  const auto is_used = [](double count) { return count > 0; };
  measures.n_pitches_used = int(std::ranges::count_if(pitches, is_used));
  measures.n_pitch_classes_used = int(std::ranges::count_if(classes, is_used));
  measures.pitch_entropy = entropy_bits(pitches);
  measures.pitch_class_entropy = entropy_bits(classes);
  measures.scale_consistency = best_scale_share(classes);
  if (measures.n_pitches_used == 0) return;
  const auto lowest = std::ranges::find_if(pitches, is_used);
  const auto highest = std::find_if(pitches.rbegin(), pitches.rend(), is_used);
  measures.pitch_range = int(highest.base() - lowest) - 1;
}

// MusPy's pattern of a beat: its quarters, or halves where the ticks have no quarters, or its thirds.
bool is_in_pattern(std::int64_t tick, std::int64_t beat, std::initializer_list<int> divisions) {
  for (const int parts : divisions)
    if (beat % parts == 0 && tick % (beat / parts) == 0) return true;
  return tick % beat == 0;
}

std::optional<double> drum_pattern_consistency(const Score& score) {
  const std::int64_t beat = score.ticks_per_quarter;
  std::size_t drums = 0, duple = 0, triple = 0;
  for_each_note(score, [&](const score::Track& track, const Note& note) {
    if (!track.is_drum) return;
    ++drums;
    if (is_in_pattern(note.onset.value, beat, {4, 2})) ++duple;
    if (is_in_pattern(note.onset.value, beat, {3})) ++triple;
  });
  if (drums == 0) return {};
  return double(std::max(duple, triple)) / double(drums);
}

// Onsets in neighbouring measures are equal where one has another a measure later; all others are differences.
std::optional<double> groove_consistency(const Score& score, std::int64_t length, std::int64_t measure) {
  const std::int64_t measures = length / measure + 1;
  if (measures < 2) return {};
  std::vector<std::int64_t> onsets;
  for_each_note(score, [&](const auto&, const Note& note) { onsets.push_back(note.onset.value); });
  std::sort(onsets.begin(), onsets.end());
  onsets.erase(std::unique(onsets.begin(), onsets.end()), onsets.end());
  std::int64_t different = 0;
  for (const std::int64_t onset : onsets) {
    const std::int64_t at = onset / measure;
    const bool has_next = at + 1 < measures, has_previous = at > 0;
    different += int(has_next) + int(has_previous);
    if (has_next && std::ranges::binary_search(onsets, onset + measure)) different -= 2;
  }
  return 1 - double(different) / (double(measure) * double(measures - 1));
}

}  // namespace

MuspyMeasures muspy_measures(const Score& score) {
  MuspyMeasures measures;
  const std::int64_t length = score.end().value;
  measure_pitches(score, measures);
  measure_polyphony(score, length, measures);
  measures.drum_pattern_consistency = drum_pattern_consistency(score);
  if (length < 1) return measures;
  const std::int64_t measure = measure_length(score);
  measures.empty_beat_rate = empty_rate(score, length, score.ticks_per_quarter);
  measures.empty_measure_rate = empty_rate(score, length, measure);
  measures.groove_consistency = groove_consistency(score, length, measure);
  return measures;
}

}  // namespace continuo::metrics
