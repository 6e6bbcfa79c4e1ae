#pragma once

#include <string>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

namespace continuo::score {

// How far a score can go down and up with every pitched note staying within 0-127. Both are 0 or on their side
// of it. Without pitched notes: -127 and 127.
struct TransposeRange {
  int lowest = 0;
  int highest = 0;
  bool contains(int semitones) const { return lowest <= semitones && semitones <= highest; }
};
TransposeRange transpose_range(const Score& score);

// The score with all pitched notes, key signatures and chord symbols moved; drums stay. A key becomes the one
// of at most six accidentals (six: flats) unless the distance is whole octaves, which keeps the spelling.
// Errors: invalid_argument, when a note would leave 0-127.
Result<Score> transposed(const Score& score, int semitones);

// "Am7/G" moved along the line of fifths by `fifths` (7 sharps a tone by a semitone, -5 raises it by one with
// flats), respelled where two accidentals would be needed. Text that does not start with a root, like "N.C.",
// stays.
std::string transposed_chord(std::string_view text, int fifths);

}  // namespace continuo::score
