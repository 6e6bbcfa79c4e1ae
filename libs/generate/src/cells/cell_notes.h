#pragma once

#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"
#include "continuo/tokens/track_cells.h"

namespace continuo::generate {

// What one track plays, decoded: `cells` are its own, one list for each bar from `begin` on, of a piece of `bars`.
// No track where it has no notes. Errors: those of Tokenizer::decode.
Result<std::optional<score::Track>> notes_of_track(const tokens::Tokenizer& tokenizer, tokens::TrackName track,
                                                   std::span<const tokens::CellBar> bars, std::size_t begin,
                                                   std::span<const std::vector<tokens::TrackCell>> cells);

// The mean velocity of the notes of a track, or 80 without any.
std::uint8_t usual_velocity(const score::Track& track);

}  // namespace continuo::generate
