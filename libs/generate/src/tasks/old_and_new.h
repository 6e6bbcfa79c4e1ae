#pragma once

#include <span>

#include "continuo/generate/options.h"
#include "continuo/score/score.h"

#include "../splice/splice.h"
#include "region.h"

namespace continuo::generate {

// What one track plays in the asked bars, as the tokens have it, before and after.
struct OldAndNew {
  const score::Track &old, &fresh;
  const TickMapping& mapping;  // of both to the primer's ticks
};

// Gives the notes that begin in the region their new pitches and nothing else, but for locked ones. Where a key would
// be struck while it sounds, the note keeps its pitch.
void change_pitches(score::Track& track, Region region, std::span<const PitchRange> locked, const OldAndNew& cells);

// Gives the notes that begin in the region their new places and lengths and nothing else: the tokens have the same
// pitches as before, in the same order. A note whose place and length are the old ones in the tokens stays exactly as
// it is, and so does one that would leave the region, where the tokens have other bars than the score. One that would
// sound together with another of its pitch ends before that one begins, or stays.
void change_rhythm(score::Track& track, Region region, const OldAndNew& cells);

}  // namespace continuo::generate
