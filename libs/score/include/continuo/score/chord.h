#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::score {

// A chord as it sums up a bar or a half of one: its root, and a triad, a seventh or the like. Its lowest note is left
// open.
struct Chord {
  static constexpr int kKinds = 11;
  int root = 0;  // pitch class, C is 0
  int kind = 0;  // major, minor, 7, m7, maj7, dim, aug, m7b5, dim7, 6, m6
  friend bool operator==(const Chord&, const Chord&) = default;
};

// "C", "F#m7", with sharps, or with flats where `fifths` is negative.
std::string symbol_of(Chord chord, int fifths = 0);
// A bit for each pitch class, C the first.
std::uint16_t pitch_classes(Chord chord);

// The chords of a bar: one for all of it, or one for each half. Nothing stands for no chord.
using BarChords = std::vector<std::optional<Chord>>;

// "Am F C G" or "Am,F,C,G": a chord for each bar. With bar lines a bar may have two, one for each half: "Am | F C | %";
// "%" is the bar before once more, "N.C." no chord. Other kinds of chord are taken for the nearest that there is ("C9"
// for "C7"), and the bass of "C/E" is left open. Errors: invalid_argument, with the symbol that is not understood.
Result<std::vector<BarChords>> read_progression(std::string_view text);
// The chord nearest to a symbol ("C9" for "C7"). Nothing for "N.C.", and where the symbol is not understood.
std::optional<Chord> nearest_chord(std::string_view symbol);

// How long each of the twelve pitch classes sounds, in any unit.
using PitchClassTimes = std::array<double, 12>;

// How well a chord explains what sounds: more than 0, the more the better; at most 1.
struct ChordFit {
  Chord chord;
  double fit = 0;
};
// The chord whose notes sound longest compared with the notes that are not in it. Nothing where fewer than three of its
// notes sound, or nothing fits half way.
std::optional<ChordFit> best_chord(const PitchClassTimes& times);

}  // namespace continuo::score
