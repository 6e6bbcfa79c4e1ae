#include "continuo/score/chord_names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>
#include <numeric>
#include <utility>

namespace continuo::score {
namespace {

struct Kind {
  const char* suffix;
  unsigned mask;  // bit i: the note i semitones above the root belongs to it
};

constexpr unsigned notes(std::initializer_list<int> semitones) {
  unsigned mask = 1;
  for (const int semitone : semitones) mask |= 1U << (semitone % 12);
  return mask;
}

// In the order of preference where several fit one root.
constexpr std::array kKinds = {Kind{"", notes({4, 7})},
                               Kind{"m", notes({3, 7})},
                               Kind{"7", notes({4, 7, 10})},
                               Kind{"m7", notes({3, 7, 10})},
                               Kind{"maj7", notes({4, 7, 11})},
                               Kind{"dim", notes({3, 6})},
                               Kind{"aug", notes({4, 8})},
                               Kind{"m7b5", notes({3, 6, 10})},
                               Kind{"dim7", notes({3, 6, 9})},
                               Kind{"6", notes({4, 7, 9})},
                               Kind{"m6", notes({3, 7, 9})},
                               Kind{"sus4", notes({5, 7})},
                               Kind{"sus2", notes({2, 7})},
                               Kind{"7sus4", notes({5, 7, 10})},
                               Kind{"m(maj7)", notes({3, 7, 11})},
                               Kind{"7#5", notes({4, 8, 10})},
                               Kind{"7b5", notes({4, 6, 10})},
                               Kind{"add9", notes({2, 4, 7})},
                               Kind{"m(add9)", notes({2, 3, 7})},
                               Kind{"9", notes({2, 4, 7, 10})},
                               Kind{"m9", notes({2, 3, 7, 10})},
                               Kind{"maj9", notes({2, 4, 7, 11})},
                               Kind{"7b9", notes({1, 4, 7, 10})},
                               Kind{"5", notes({7})},
                               Kind{"7", notes({4, 10})},
                               Kind{"m7", notes({3, 10})},
                               Kind{"maj7", notes({4, 11})},
                               Kind{"9", notes({2, 4, 10})},
                               Kind{"maj9", notes({2, 4, 11})},
                               Kind{"m9", notes({2, 3, 10})}};
constexpr std::size_t kBarKinds = 11;  // as far as "m6": enough to sum a bar up

constexpr std::array<const char*, 12> kSharpNames = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};
constexpr std::array<const char*, 12> kFlatNames = {"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"};

std::string pitch_class_name(std::size_t pitch_class, int fifths) {
  return fifths < 0 ? kFlatNames[pitch_class] : kSharpNames[pitch_class];
}

// The pitch classes of `mask` counted from `root`.
unsigned seen_from(unsigned mask, std::size_t root) { return ((mask >> root) | (mask << (12 - root))) & 0xFFF; }

const Kind* kind_of(unsigned mask) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [mask](const Kind& k) { return k.mask == mask; });
  return found == kKinds.end() ? nullptr : &*found;
}

// What of a bar takes time: its twelve pitch classes, any sound at all, and two or more pitch classes at once.
constexpr std::size_t kSounding = 12, kTogether = 13;
using BarTimes = std::array<double, 14>;

// How long each of these takes in each bar, in ticks. A span is added to its first and its last bar; for the bars
// between them, which it fills, only the change in the number of spans is noted, so that the cost does not depend on
// how many bars a span has.
class BarProfiles {
 public:
  explicit BarProfiles(const BarGrid& grid)
      : grid_(grid), partial_(grid.bars().size()), whole_(grid.bars().size() + 1) {}

  void add(std::size_t row, Ticks begin, Ticks end) {
    if (end <= begin) return;
    const std::size_t first = grid_.index_at(begin);
    const std::size_t last = grid_.index_at(end - Ticks(1));
    partial_[first][row] += static_cast<double>((std::min(grid_.bars()[first].end(), end) - begin).value);
    if (first == last) return;
    partial_[last][row] += static_cast<double>((end - grid_.bars()[last].onset).value);
    whole_[first + 1][row] += 1.0;
    whole_[last][row] -= 1.0;
  }

  std::vector<BarTimes> finish() {
    BarTimes filling{};
    for (std::size_t b = 0; b < partial_.size(); ++b) {
      for (std::size_t i = 0; i < filling.size(); ++i) {
        filling[i] += whole_[b][i];
        partial_[b][i] += filling[i] * static_cast<double>(grid_.bars()[b].length.value);
      }
    }
    return std::move(partial_);
  }

 private:
  const BarGrid& grid_;
  std::vector<BarTimes> partial_;
  std::vector<BarTimes> whole_;  // change in the number of spans that fill the bar
};

struct NoteChange {
  Ticks time;
  int by;  // 1 where a note begins, -1 where one ends
  std::size_t pitch_class;
};

// Adds the spans in which anything sounds, and those in which different pitch classes do.
void add_simultaneous(std::vector<NoteChange> changes, BarProfiles& profiles) {
  std::ranges::sort(changes, {}, &NoteChange::time);
  std::array<int, 12> sounding{};
  int pitch_classes = 0;
  for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
    const auto& [time, by, pitch_class] = changes[i];
    int& notes = sounding[pitch_class];
    pitch_classes -= notes != 0 ? 1 : 0;
    notes += by;
    pitch_classes += notes != 0 ? 1 : 0;
    if (pitch_classes > 0) profiles.add(kSounding, time, changes[i + 1].time);
    if (pitch_classes > 1) profiles.add(kTogether, time, changes[i + 1].time);
  }
}

// A bare melody has no chords, also where a player lets its notes overlap a little.
bool has_harmony(const BarTimes& times) { return times[kTogether] > 0.2 * times[kSounding]; }

constexpr int kFewestNotes = 3;  // of a chord that sound: two could be of many chords

// Sound inside the chord less sound outside it, less a little for each note that it has and the bar does not. 0 where
// too few of its notes sound.
double fit(const BarTimes& profile, double total, const Kind& kind, std::size_t root) {
  double inside = 0.0;
  int missing = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    if (((kind.mask >> i) & 1U) == 0) continue;
    const double sound = profile[(root + i) % 12];
    inside += sound;
    if (sound < 0.05 * total) ++missing;
  }
  if (std::popcount(kind.mask) - missing < kFewestNotes) return 0.0;
  const double root_share = profile[root] / total;
  return 2.0 * inside / total - 1.0 - 0.25 * missing + 0.1 * root_share - 0.05 * std::popcount(kind.mask);
}

std::string best_chord(const BarTimes& profile, int fifths) {
  if (!has_harmony(profile)) return {};
  const double total = std::accumulate(profile.begin(), profile.begin() + 12, 0.0);
  double best = 0.0;
  std::string name;
  for (std::size_t root = 0; root < 12; ++root) {
    for (std::size_t k = 0; k < kBarKinds; ++k) {
      const double f = fit(profile, total, kKinds[k], root);
      if (f <= best + 1e-9) continue;
      best = f;
      name = pitch_class_name(root, fifths) + kKinds[k].suffix;
    }
  }
  return name;
}

}  // namespace

std::string chord_name(std::span<const std::uint8_t> pitches, int fifths) {
  if (pitches.empty()) return {};
  unsigned mask = 0;
  for (const std::uint8_t pitch : pitches) mask |= 1U << (pitch % 12);
  const std::size_t bass = *std::min_element(pitches.begin(), pitches.end()) % 12;
  const std::string bass_name = pitch_class_name(bass, fifths);
  if (const Kind* kind = kind_of(seen_from(mask, bass))) return bass_name + kind->suffix;
  // Whoever else could be the root: the kind that stands first in the list wins.
  const Kind* best = nullptr;
  std::size_t best_root = 0;
  for (std::size_t root = 0; root < 12; ++root) {
    if (((mask >> root) & 1U) == 0) continue;
    const Kind* kind = kind_of(seen_from(mask, root));
    if (kind == nullptr || (best != nullptr && kind >= best)) continue;
    best = kind;
    best_root = root;
  }
  if (best == nullptr) return {};
  return pitch_class_name(best_root, fifths) + best->suffix + "/" + bass_name;
}

std::vector<std::string> bar_chords(const Score& score, const BarGrid& grid) {
  BarProfiles summed(grid);
  std::vector<NoteChange> changes;
  for (const Track& track : score.tracks) {
    if (track.is_drum) continue;
    for (const Note& note : track.notes) {
      const std::size_t pitch_class = note.pitch % 12;
      summed.add(pitch_class, note.onset, note.end());
      changes.insert(changes.end(), {{note.onset, 1, pitch_class}, {note.end(), -1, pitch_class}});
    }
  }
  add_simultaneous(std::move(changes), summed);
  std::vector<KeySignature> keys = score.key_signatures;
  if (keys.empty()) {
    if (const auto estimate = find_key(score)) keys.push_back(estimate->key);
  }
  std::vector<std::string> names;
  const std::vector<BarTimes> profiles = summed.finish();
  names.reserve(profiles.size());
  for (std::size_t b = 0; b < profiles.size(); ++b)
    names.push_back(best_chord(profiles[b], fifths_at(keys, grid.bars()[b].onset)));
  return names;
}

}  // namespace continuo::score
