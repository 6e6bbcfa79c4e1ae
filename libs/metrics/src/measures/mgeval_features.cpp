#include "continuo/metrics/mgeval_features.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "continuo/score/bar_grid.h"

#include "notes.h"

namespace continuo::metrics {
namespace {

using score::Note;
using score::Score;
using score::Ticks;

constexpr double kNearSeconds = 0.05 - 1e-9;  // exactly 50 ms is too far, however it was rounded
// Of 96ths of a bar.
constexpr std::array<double, MgevalFeatures::kLengths> kLengths96 = {96, 48, 24, 12, 6, 72, 36, 18, 9, 32, 16, 8};

void count_pitches(const Score& score, MgevalFeatures& features) {
  std::bitset<128> pitches;
  int lowest = 127, highest = 0;
  for_each_pitched_note(score, [&](const Note& note) {
    pitches.set(note.pitch);
    lowest = std::min<int>(lowest, note.pitch);
    highest = std::max<int>(highest, note.pitch);
    ++features.note_count;
  });
  features.pitch_count = double(pitches.count());
  features.pitch_range = std::max(0, highest - lowest);
}

void count_intervals(const Score& score, MgevalFeatures& features) {
  double sum = 0, intervals = 0;
  for (const auto& track : score.tracks) {
    if (track.is_drum) continue;
    for (std::size_t i = 1; i < track.notes.size(); ++i) {
      sum += std::abs(track.notes[i].pitch - track.notes[i - 1].pitch);
      ++intervals;
    }
  }
  if (intervals > 0) features.pitch_interval = sum / intervals;
}

// The mean of all steps from the first onset to the last is their distance over the number of steps.
void measure_onsets(const Score& score, const score::TempoMap& tempo, MgevalFeatures& features) {
  Ticks first(INT64_MAX), last(0);
  for_each_note(score, [&](const auto&, const Note& note) {
    first = std::min(first, note.onset);
    last = std::max(last, note.onset);
  });
  const std::size_t notes = score.note_count();
  if (notes < 2) return;
  features.inter_onset_interval = (tempo.to_seconds(last).value - tempo.to_seconds(first).value) / double(notes - 1);
}

void measure_pitch_classes(const Score& score, const score::TempoMap& tempo, MgevalFeatures& features) {
  double seconds = 0;
  for_each_pitched_note(score, [&](const Note& note) {
    const double length = tempo.to_seconds(note.end()).value - tempo.to_seconds(note.onset).value;
    features.pitch_classes[note.pitch % 12] += length;
    seconds += length;
  });
  if (seconds <= 0) return;
  for (double& share : features.pitch_classes) share /= seconds;
}

// The beginnings of a track's notes in order, and how many of each pitch class there are before each of them, so that
// those near an end are a difference of two counts.
class Beginnings {
 public:
  Beginnings(const score::Track& track, const score::TempoMap& tempo) : counts_(track.notes.size() + 1) {
    for (std::size_t i = 0; i < track.notes.size(); ++i) {
      times_.push_back(tempo.to_seconds(track.notes[i].onset).value);
      counts_[i + 1] = counts_[i];
      ++counts_[i + 1][track.notes[i].pitch % 12];
    }
  }
  double near(double time, std::size_t pitch_class) const {
    const auto begin = std::upper_bound(times_.begin(), times_.end(), time - kNearSeconds) - times_.begin();
    const auto end = std::lower_bound(times_.begin(), times_.end(), time + kNearSeconds) - times_.begin();
    if (end <= begin) return 0;
    return double(counts_[std::size_t(end)][pitch_class] - counts_[std::size_t(begin)][pitch_class]);
  }

 private:
  std::vector<double> times_;
  std::vector<std::array<std::uint32_t, 12>> counts_;
};

void count_pitch_transitions(const Score& score, const score::TempoMap& tempo, MgevalFeatures& features) {
  for (const auto& track : score.tracks) {
    if (track.is_drum) continue;
    const Beginnings beginnings(track, tempo);
    for (const Note& note : track.notes) {
      const double end = tempo.to_seconds(note.end()).value;
      for (std::size_t to = 0; to < 12; ++to)
        features.pitch_transitions[std::size_t(note.pitch % 12) * 12 + to] += beginnings.near(end, to);
    }
  }
}

std::size_t nearest_length(double ticks, double bar) {
  const auto distance = [&](double length) { return std::abs(ticks - length * bar / 96); };
  return std::size_t(std::ranges::min_element(kLengths96, {}, distance) - kLengths96.begin());
}

void count_lengths(const Score& score, MgevalFeatures& features) {
  const score::BarGrid grid(score);
  for (const auto& track : score.tracks) {
    if (track.is_drum) continue;
    std::optional<std::size_t> previous;
    for (const Note& note : track.notes) {
      const auto bar = double(grid.bars()[grid.index_at(note.onset)].length.value);
      const std::size_t length = nearest_length(double(note.duration.value), bar);
      features.note_lengths[length] += 1 / features.note_count;
      if (previous) ++features.length_transitions[*previous * MgevalFeatures::kLengths + length];
      previous = length;
    }
  }
}

template <double MgevalFeatures::*member>
std::span<const double> number(const MgevalFeatures& features) {
  return {&(features.*member), 1};
}

using F = MgevalFeatures;
constexpr std::array<MgevalFeature, kMgevalFeatures> kFeatures = {{
    {"pitch_count", number<&F::pitch_count>},
    {"note_count", number<&F::note_count>},
    {"pitch_range", number<&F::pitch_range>},
    {"pitch_interval", number<&F::pitch_interval>},
    {"inter_onset_interval", number<&F::inter_onset_interval>},
    {"pitch_classes", [](const F& f) { return std::span<const double>(f.pitch_classes); }},
    {"pitch_transitions", [](const F& f) { return std::span<const double>(f.pitch_transitions); }},
    {"note_lengths", [](const F& f) { return std::span<const double>(f.note_lengths); }},
    {"length_transitions", [](const F& f) { return std::span<const double>(f.length_transitions); }},
}};

}  // namespace

std::span<const MgevalFeature, kMgevalFeatures> mgeval_feature_list() { return kFeatures; }

MgevalFeatures mgeval_features(const Score& score) {
  MgevalFeatures features;
  const auto tempo = score.tempo_map();
  count_pitches(score, features);
  measure_onsets(score, tempo, features);
  if (features.note_count == 0) return features;
  count_intervals(score, features);
  measure_pitch_classes(score, tempo, features);
  count_pitch_transitions(score, tempo, features);
  count_lengths(score, features);
  return features;
}

}  // namespace continuo::metrics
