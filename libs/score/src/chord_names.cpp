#include "continuo/score/chord_names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>
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

// How long each pitch class sounds in each bar, in ticks. Cost does not depend on how many bars a note spans.
class BarProfiles {
 public:
  explicit BarProfiles(const BarGrid& grid)
      : grid_(grid), partial_(grid.bars().size()), whole_(grid.bars().size() + 1) {}

  void add(const Note& note) {
    if (note.duration <= Ticks(0)) return;
    const std::size_t first = grid_.index_at(note.onset);
    const std::size_t last = grid_.index_at(note.end() - Ticks(1));
    const std::size_t pitch_class = note.pitch % 12;
    partial_[first][pitch_class] +=
        static_cast<double>((std::min(grid_.bars()[first].end(), note.end()) - note.onset).value);
    if (first == last) return;
    partial_[last][pitch_class] += static_cast<double>((note.end() - grid_.bars()[last].onset).value);
    whole_[first + 1][pitch_class] += 1.0;
    whole_[last][pitch_class] -= 1.0;
  }

  std::vector<PitchClassProfile> finish() {
    PitchClassProfile sounding{};
    for (std::size_t b = 0; b < partial_.size(); ++b) {
      for (std::size_t i = 0; i < 12; ++i) {
        sounding[i] += whole_[b][i];
        partial_[b][i] += sounding[i] * static_cast<double>(grid_.bars()[b].length.value);
      }
    }
    return std::move(partial_);
  }

 private:
  const BarGrid& grid_;
  std::vector<PitchClassProfile> partial_;
  std::vector<PitchClassProfile> whole_;  // change in the number of notes that fill the bar
};

// Sound inside the chord less sound outside it, less a little for each note that it has and the bar does not.
double fit(const PitchClassProfile& profile, double total, const Kind& kind, std::size_t root) {
  double inside = 0.0;
  int missing = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    if (((kind.mask >> i) & 1U) == 0) continue;
    const double sound = profile[(root + i) % 12];
    inside += sound;
    if (sound < 0.05 * total) ++missing;
  }
  const double root_share = profile[root] / total;
  return 2.0 * inside / total - 1.0 - 0.25 * missing + 0.1 * root_share - 0.05 * std::popcount(kind.mask);
}

std::string best_chord(const PitchClassProfile& profile, int fifths) {
  double total = 0.0;
  for (const double sound : profile) total += sound;
  if (total <= 0.0) return {};
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
  for (const Track& track : score.tracks) {
    if (track.is_drum) continue;
    for (const Note& note : track.notes) summed.add(note);
  }
  const std::vector<PitchClassProfile> profiles = summed.finish();
  std::vector<std::string> names;
  names.reserve(profiles.size());
  for (std::size_t b = 0; b < profiles.size(); ++b) {
    names.push_back(best_chord(profiles[b], fifths_at(score.key_signatures, grid.bars()[b].onset)));
  }
  return names;
}

}  // namespace continuo::score
