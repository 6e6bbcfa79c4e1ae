#pragma once

#include <string>
#include <vector>

#include "continuo/cli/command.h"
#include "continuo/cli/console.h"
#include "continuo/generate/options.h"

namespace continuo::app {

// What the commands that compose have in common: the model, where the pieces are written, how tokens are drawn.
std::vector<cli::Field> output_options();
std::vector<cli::Field> sampling_options();

// The seed, and what sampling_options() ask for.
void read_sampling(const cli::Arguments& arguments, generate::ComposeOptions& options);

// Composes the pieces that the arguments ask for, writes and reports them. `primer`: the argument that names the piece
// that is given, if any. Errors: of the options, the model, compose_variations() and the outputs.
Status compose_pieces(const cli::Arguments& arguments, const generate::ComposeOptions& options,
                      const std::string& primer, cli::Console& console);

}  // namespace continuo::app
