#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

namespace continuo::score {

struct ChordKind {
  const char* suffix;
  unsigned mask;  // bit i: the note i semitones above the root belongs to it
};

constexpr unsigned chord_notes(std::initializer_list<int> semitones) {
  unsigned mask = 1;
  for (const int semitone : semitones) mask |= 1U << (semitone % 12);
  return mask;
}

// In the order of preference where several fit one root. The first Chord::kKinds are enough to sum a bar up.
inline constexpr std::array kChordKinds = {ChordKind{"", chord_notes({4, 7})},
                                           ChordKind{"m", chord_notes({3, 7})},
                                           ChordKind{"7", chord_notes({4, 7, 10})},
                                           ChordKind{"m7", chord_notes({3, 7, 10})},
                                           ChordKind{"maj7", chord_notes({4, 7, 11})},
                                           ChordKind{"dim", chord_notes({3, 6})},
                                           ChordKind{"aug", chord_notes({4, 8})},
                                           ChordKind{"m7b5", chord_notes({3, 6, 10})},
                                           ChordKind{"dim7", chord_notes({3, 6, 9})},
                                           ChordKind{"6", chord_notes({4, 7, 9})},
                                           ChordKind{"m6", chord_notes({3, 7, 9})},
                                           ChordKind{"sus4", chord_notes({5, 7})},
                                           ChordKind{"sus2", chord_notes({2, 7})},
                                           ChordKind{"7sus4", chord_notes({5, 7, 10})},
                                           ChordKind{"m(maj7)", chord_notes({3, 7, 11})},
                                           ChordKind{"7#5", chord_notes({4, 8, 10})},
                                           ChordKind{"7b5", chord_notes({4, 6, 10})},
                                           ChordKind{"add9", chord_notes({2, 4, 7})},
                                           ChordKind{"m(add9)", chord_notes({2, 3, 7})},
                                           ChordKind{"9", chord_notes({2, 4, 7, 10})},
                                           ChordKind{"m9", chord_notes({2, 3, 7, 10})},
                                           ChordKind{"maj9", chord_notes({2, 4, 7, 11})},
                                           ChordKind{"7b9", chord_notes({1, 4, 7, 10})},
                                           ChordKind{"5", chord_notes({7})},
                                           ChordKind{"7", chord_notes({4, 10})},
                                           ChordKind{"m7", chord_notes({3, 10})},
                                           ChordKind{"maj7", chord_notes({4, 11})},
                                           ChordKind{"9", chord_notes({2, 4, 10})},
                                           ChordKind{"maj9", chord_notes({2, 4, 11})},
                                           ChordKind{"m9", chord_notes({2, 3, 10})}};

inline constexpr std::array<const char*, 12> kSharpNames = {"C",  "C#", "D",  "D#", "E",  "F",
                                                            "F#", "G",  "G#", "A",  "A#", "B"};
inline constexpr std::array<const char*, 12> kFlatNames = {"C",  "Db", "D",  "Eb", "E",  "F",
                                                           "Gb", "G",  "Ab", "A",  "Bb", "B"};

inline std::string pitch_class_name(std::size_t pitch_class, int fifths) {
  return fifths < 0 ? kFlatNames[pitch_class] : kSharpNames[pitch_class];
}

}  // namespace continuo::score
