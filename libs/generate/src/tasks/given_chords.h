#pragma once

#include <span>
#include <vector>

#include "continuo/generate/options.h"
#include "continuo/tokens/track_cells.h"

#include "../cells/cell_writer.h"
#include "region.h"

namespace continuo::generate {

// Errors: invalid_argument (the model has no words for chords).
Status check_chords(const ComposeOptions& options, const tokens::TrackCells& cells);

// Gives the asked bars of a plan the chords of the options, or has the model draw them, or else those that the chord
// symbols of `piece` name, where the model has words for them. `lines`: where the asked bars begin, and where the last
// one ends. Units: ticks of `piece`. Errors: invalid_argument (two chords for a bar without halves).
Status give_chords(const ComposeOptions& options, const tokens::TrackCells& cells, const score::Score& piece,
                   std::span<const score::Ticks> lines, CellPlan& plan);

// Names the chords of the new bars above those between `lines`, as far as they lie within `region`, in place of what
// was named there, where the options ask for chords.
void name_chords(const ComposeOptions& options, std::span<const score::BarChords> of_bars,
                 std::span<const score::Ticks> lines, Region region, score::Score& score);

}  // namespace continuo::generate
