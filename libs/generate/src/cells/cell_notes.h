#pragma once

#include <optional>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"
#include "continuo/tokens/track_cells.h"

#include "../splice/splice.h"

namespace continuo::generate {

// What one track plays, decoded: `cells` are its own, one list for each bar from `begin` on, of a piece of `bars`.
// A track without notes where it is silent. Errors: those of Tokenizer::decode.
Result<score::Track> notes_of_track(const tokens::Tokenizer& tokenizer, tokens::TrackName track,
                                    std::span<const tokens::CellBar> bars, std::size_t begin,
                                    std::span<const std::vector<tokens::TrackCell>> cells);

// Where decoded notes go in a score, and as what.
struct Placement {
  const TickMapping& mapping;                 // to the score's ticks
  score::Ticks begin = {};                    // no note begins earlier
  std::optional<score::Ticks> end = {};       // none lasts longer
  std::optional<std::uint8_t> velocity = {};  // instead of their own
  score::Ticks silent_until = {};             // notes that begin earlier are left out
  int most_at_once = 0;                       // limit_polyphony()
};

// Adds the notes of `part` to the track. Keys of the track that sound already are not struck again.
void place_notes(score::Track& track, const score::Track& part, const Placement& placement);

// Ends the earliest of notes that sound where there would be more than `most` at once, and takes out those that would
// not begin before they end. 0: any number stays. Leaves the notes in the order of their onsets.
void limit_polyphony(std::vector<score::Note>& notes, int most);

// The mean velocity of the notes of a track, or 80 without any.
std::uint8_t usual_velocity(const score::Track& track);

}  // namespace continuo::generate
