#pragma once

#include <vector>

#include "continuo/score/score.h"

namespace continuo::score {

// The line that a listener follows, taken from all tracks but drums: of the notes that begin together the highest
// (skyline), but none that begins below a note of the line which still sounds, and none more than an octave below the
// note of the line that ended less than four quarters before. A note ends where the next one begins, so that one sounds
// at a time. In the order of time. Source: Uitdenbogerd and Zobel, "Melodic Matching Techniques for Large Music
// Databases", 1999 ("all-mono"); the octave is ours, and keeps an accompaniment out of the rests of a melody.
std::vector<Note> melody_of(const Score& score);

}  // namespace continuo::score
