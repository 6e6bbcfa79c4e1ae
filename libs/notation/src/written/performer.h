#pragma once

#include "continuo/base/result.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/score/score.h"

#include "score.h"

namespace continuo::notation::written {

struct PerformanceOptions {
  bool play_chords = true;  // chord symbols also sound, as a last track "Chords"
  int velocity = 80;        // of those chords, times 0.7
};

// The written score as it sounds: repeats and jumps written out, ties joined, accents added. Without parts it is a
// Score without notes. Errors: malformed (nothing to play), too_large (60,000 measures with repeats, four million
// notes, a week of music).
Result<score::Score> perform(const WrittenScore& written, const PerformanceOptions& options, Diagnostics& diagnostics);

}  // namespace continuo::notation::written
