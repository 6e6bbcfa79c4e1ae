#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "continuo/score/bar_grid.h"
#include "continuo/score/key_finding.h"

namespace continuo::score {

// The name of notes that sound together: root, kind and, when it is not the root, the lowest note ("C", "F#m7",
// "G7/B"). Octaves and doublings do not matter; sevenths and ninths may lack their fifth. The lowest note is
// the root wherever that makes a chord of the list (C E G A is C6, A C E G is Am7). Empty where the notes make
// no chord of the list. `fifths` chooses the spelling: flats where it is negative.
std::string chord_name(std::span<const std::uint8_t> pitches, int fifths = 0);

// The chord that explains a bar best, bar by bar: of all roots and kinds, the one whose notes sound longest
// compared with the notes that are not in it. Empty for a bar in which nothing pitched sounds, or nothing fits
// half way; for a bare melody, which has two pitch classes at once in at most a fifth of its time; and where fewer
// than three notes of the chord sound. Kinds are triads, sevenths and their like, without inversions. Spelled by
// the key signature in force; by the key that find_key() estimates where the score has none.
std::vector<std::string> bar_chords(const Score& score, const BarGrid& grid);

}  // namespace continuo::score
