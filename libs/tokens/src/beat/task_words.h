#pragma once

#include <string>
#include <vector>

#include "continuo/score/chord.h"

namespace continuo::tokens {

// Tracks of one program in a piece of bar_tracks: part 0 has no word, the others are Part_1 ... Further ones share the
// last.
inline constexpr int kMostParts = 8;
// Left_0 ... Left_15.
inline constexpr int kLeftWords = 16;
// Density_0 ... and Voices_1 ..., see TrackCells::attributes().
inline constexpr int kDensityWords = 8, kVoicesWords = 5;

// The values of WordKind::kTask: words that the grammar never allows, since they are no music. Those from kNoChord on
// are only there where chords can be asked for.
enum TaskWord {
  kAheadStart,
  kAheadEnd,
  kSilent,
  kLeft,
  kDensity = kLeft + kLeftWords,
  kVoicesAtOnce = kDensity + kDensityWords,
  kNoChord = kVoicesAtOnce + kVoicesWords,
  kHalf,
  kFirstChord
};

// With chords: Chord_None, Chord_Half, and Chord_C ... Chord_Bm6, kind by kind on each root.
inline std::vector<std::string> task_words(bool with_chords) {
  std::vector<std::string> words = {"Ahead_Start", "Ahead_End", "Silent"};
  const auto add = [&](const char* prefix, int from, int count) {
    for (int i = from; i < from + count; ++i) words.push_back(prefix + std::to_string(i));
  };
  add("Left_", 0, kLeftWords);
  add("Density_", 0, kDensityWords);
  add("Voices_", 1, kVoicesWords);
  if (!with_chords) return words;
  words.insert(words.end(), {"Chord_None", "Chord_Half"});
  for (int root = 0; root < 12; ++root)
    for (int kind = 0; kind < score::Chord::kKinds; ++kind)
      words.push_back("Chord_" + score::symbol_of({.root = root, .kind = kind}));
  return words;
}

}  // namespace continuo::tokens
