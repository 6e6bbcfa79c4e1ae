#pragma once

#include "continuo/generate/options.h"
#include "continuo/score/score.h"

namespace continuo::generate {

// Errors: invalid_argument (a number out of its range).
Status check_playing(const ComposeOptions::Playing& playing);

// Gives the new notes of a result the loudness and the swing that `options` ask for; notes of the primer stay as they
// are. Requires: check_playing(); a result of these options, whose tracks begin with the primer's, or where a track of
// the primer leads with that one.
void play_new_notes(const ComposeOptions& options, score::Score& result);

}  // namespace continuo::generate
