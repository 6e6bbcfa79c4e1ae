#pragma once

#include "continuo/score/score.h"

namespace continuo::generate {

// Adds the release of each sustain pedal that is down at `time`.
void lift_pedals(score::Score& primer, score::Ticks time);
// The end of the last note, or of the sustain pedal's hold on it.
score::Ticks sounding_end(const score::Score& primer);
// The bar line after the last bar in which a note begins.
score::Ticks next_bar_line(const score::Score& primer);

}  // namespace continuo::generate
