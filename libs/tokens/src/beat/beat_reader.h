#pragma once

#include <span>

#include "beat_clock.h"
#include "beat_piece.h"

namespace continuo::tokens {

// The piece that words tell, as it stands: not yet settled. A note is whole with its word of kind `last_of_note`
// (kPitch: or kDrumPitch); in vocabularies with note ends it then sounds until its end comes, the earliest first.
// Requires: a whole piece by the grammar.
BeatPiece read_beats(std::span<const TokenId> tokens, const BeatWords& words, WordKind last_of_note);

}  // namespace continuo::tokens
