#pragma once

#include <span>

#include "continuo/generate/compose.h"

#include "../request/request.h"

namespace continuo::generate {

// One thing that compose() can be asked for. A task checks the options that it uses, decides what of the primer the
// model is given and what it has to generate, has that generated (generate_music.h, rewrite_bars.h) and puts the new
// notes into the result (splice.h).
struct Task {
  // Whether the options ask for this task. compose() runs the first one in its table for which this is true.
  bool (*is_asked)(const ComposeOptions& options);
  // Whether this model can do it at all; null: any can. Errors: invalid_argument, naming what could.
  Status (*check_model)(const Composer& composer, const ComposeOptions& options) = nullptr;
  // Called before anything is read or generated. Errors: invalid_argument.
  Status (*check)(const Composer& composer, const TokenFacts& facts, const ComposeOptions& options);
  // Fills `results`: the one at index i as the seed + i asks. Leaves `seconds` alone. Errors: as compose().
  Status (*run)(const Request& request, std::span<Composition> results);
};

// One row, one source file each.
extern const Task kHarmonise;
extern const Task kHumanise;
extern const Task kPerform;
extern const Task kTappedBeat;
extern const Task kFillBars;
extern const Task kAddTracks;
extern const Task kContinuePrimer;
extern const Task kComposeNew;

}  // namespace continuo::generate
