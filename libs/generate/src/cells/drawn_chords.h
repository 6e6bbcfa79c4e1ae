#pragma once

#include <cstdint>
#include <span>

#include "continuo/base/rng.h"
#include "continuo/sampling/sampler.h"
#include "continuo/score/chord.h"
#include "continuo/tokens/track_cells.h"

#include "guided_context.h"

namespace continuo::generate {

// Has the model read chords after what is given of a bar, which only guidance takes into account.
void read_chords(std::span<const TokenId> tokens, GuidedContext& context);

// A bar for chords.
struct ChordRoom {
  bool has_halves = false;        // room for two
  std::uint16_t allowed = 0xFFF;  // a bit for each pitch class that may sound, C the first
};

// Has the model choose the chords of a bar whose given tracks it has read, and read them. Chords with notes that may
// not sound are not drawn, as far as there are others.
//
// Drawn without guidance, which would have it follow the chords before more closely than music does. After a chord the
// model expects either that the bar has another one in its second half, or the name of a track: where these two are the
// choice, a name means that there is no other chord.
// Requires: words for chords.
score::BarChords draw_chords(const tokens::TrackCells& cells, ChordRoom room, sampling::Sampler& sampler, Rng& rng,
                             GuidedContext& context);

}  // namespace continuo::generate
