#pragma once

#include "continuo/generate/options.h"
#include "continuo/tokens/track_cells.h"

namespace continuo::generate {

// Errors: invalid_argument (a rule out of its range, or no pitch that has a word keeps to them).
Status check_rules(const NoteRules& rules, const tokens::TrackCells& cells);

// Whether the rules and the locked pitches leave a pitch for new notes, of drums or of other tracks.
bool has_free_pitch(const ComposeOptions& options, const tokens::TrackCells& cells, bool drums);

}  // namespace continuo::generate
