#include "continuo/score/chord_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "continuo/score/chord.h"

#include "chord_kinds.h"

namespace continuo::score {
namespace {

// The pitch classes of `mask` counted from `root`.
unsigned seen_from(unsigned mask, std::size_t root) { return ((mask >> root) | (mask << (12 - root))) & 0xFFF; }

const ChordKind* kind_of(unsigned mask) {
  const auto found =
      std::find_if(kChordKinds.begin(), kChordKinds.end(), [mask](const ChordKind& k) { return k.mask == mask; });
  return found == kChordKinds.end() ? nullptr : &*found;
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

std::string best_chord_name(const BarTimes& times, int fifths) {
  if (!has_harmony(times)) return {};
  PitchClassTimes pitch_classes{};
  std::copy_n(times.begin(), pitch_classes.size(), pitch_classes.begin());
  const auto best = best_chord(pitch_classes);
  return best ? symbol_of(best->chord, fifths) : std::string();
}

}  // namespace

std::string chord_name(std::span<const std::uint8_t> pitches, int fifths) {
  if (pitches.empty()) return {};
  unsigned mask = 0;
  for (const std::uint8_t pitch : pitches) mask |= 1U << (pitch % 12);
  const std::size_t bass = *std::min_element(pitches.begin(), pitches.end()) % 12;
  const std::string bass_name = pitch_class_name(bass, fifths);
  if (const ChordKind* kind = kind_of(seen_from(mask, bass))) return bass_name + kind->suffix;
  // Whoever else could be the root: the kind that stands first in the list wins.
  const ChordKind* best = nullptr;
  std::size_t best_root = 0;
  for (std::size_t root = 0; root < 12; ++root) {
    if (((mask >> root) & 1U) == 0) continue;
    const ChordKind* kind = kind_of(seen_from(mask, root));
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
    names.push_back(best_chord_name(profiles[b], fifths_at(keys, grid.bars()[b].onset)));
  return names;
}

}  // namespace continuo::score
