#pragma once

#include "continuo/generate/options.h"
#include "continuo/tokens/track_cells.h"

namespace continuo::generate {

// Errors: invalid_argument (a rule out of its range, or no pitch that has a word keeps to them).
Status check_rules(const NoteRules& rules, const tokens::TrackCells& cells);

}  // namespace continuo::generate
