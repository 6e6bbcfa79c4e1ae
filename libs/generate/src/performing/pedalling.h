#pragma once

#include <vector>

#include "continuo/score/score.h"

namespace continuo::generate {

// A stretch of a piece through which the sustain pedal can be held.
struct PedalSpan {
  score::Ticks begin, end;
  friend bool operator==(const PedalSpan&, const PedalSpan&) = default;
};

// Of each bar the longest stretches of whole beats whose notes, drums apart, are a chord, with at most 15 % of their
// time, and 20 % of each beat's, in notes that do not belong to it, and in which no beat is silent. Stretches shorter
// than 0.4 s are left out. In order.
std::vector<PedalSpan> pedal_spans(const score::Score& piece);

// Pedals the piano tracks (General MIDI programs 0 to 5) of a piece that have notes and no pedal yet: down just after
// the first notes of each span of `written`, up where it ends, as pianists do (legato pedalling). `played` is `written`
// with its notes moved a little.
void add_pedal(const score::Score& written, score::Score& played);

}  // namespace continuo::generate
