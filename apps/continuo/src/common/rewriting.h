#pragma once

#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/cli/command.h"
#include "continuo/generate/options.h"

#include "composing.h"

namespace continuo::app {

// What the commands that rewrite bars have in common: which tracks, and what of their notes stays.
// `keep`: the default of --keep.
std::vector<cli::Field> rewriting_options(const std::string& keep);

// Composes the pieces anew as these options and those of new notes and sampling ask. Requires: options with the primer
// and the bars. Errors: invalid_argument, and those of compose_pieces().
Status rewrite(const cli::Arguments& arguments, generate::ComposeOptions options, const GivenPiece& given,
               cli::Console& console);

}  // namespace continuo::app
