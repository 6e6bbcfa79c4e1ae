#pragma once

#include <cstddef>

#include "continuo/base/result.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/notation/piece.h"

#include "score.h"

namespace continuo::notation::written {

struct PerformanceOptions {
  bool play_chords = true;  // chord symbols also sound, as a last track "Chords"
  int velocity = 80;        // of those chords, times 0.7
};

struct Performed {
  Piece piece;                       // lyrics are its side events
  std::size_t unsung_syllables = 0;  // of verses that no repeat plays, and of parts without notes
};

// The written score as it sounds: repeats and jumps written out, ties joined, accents added. Without parts it is a
// Score without notes. The n-th time that a measure is played its verse n is sung. A syllable that ends a word ends in
// a space (Source: MIDI RP-017, "SMF Lyric Meta Event Definition").
// Errors: malformed (nothing to play), too_large (60,000 measures with repeats, four million notes, a week of music).
Result<Performed> perform(const WrittenScore& written, const PerformanceOptions& options, Diagnostics& diagnostics);

}  // namespace continuo::notation::written
