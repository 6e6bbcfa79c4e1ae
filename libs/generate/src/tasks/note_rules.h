#pragma once

#include <vector>

#include "continuo/generate/options.h"
#include "continuo/tokens/track_cells.h"

namespace continuo::generate {

// Errors: invalid_argument (a rule out of its range, or no pitch that has a word keeps to them).
Status check_rules(const NoteRules& rules, const tokens::TrackCells& cells);

// Ends the earliest of notes that sound where there would be more than `most` at once, and takes out those that would
// not begin before they end. 0: any number stays. Leaves the notes in the order of their onsets.
void limit_polyphony(std::vector<score::Note>& notes, int most);

}  // namespace continuo::generate
