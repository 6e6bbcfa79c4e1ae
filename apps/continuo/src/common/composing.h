#pragma once

#include <string>
#include <vector>

#include "continuo/cli/command.h"
#include "continuo/cli/console.h"
#include "continuo/generate/options.h"
#include "continuo/notation/piece.h"

namespace continuo::app {

// What the commands that compose have in common: the model, where the pieces are written, how tokens are drawn.
std::vector<cli::Field> output_options();
// What is drawn from where no limit is given.
enum class UsualDraw { kMostLikely, kAll };
std::vector<cli::Field> sampling_options(UsualDraw usual = UsualDraw::kMostLikely);

// The seed, and what sampling_options() ask for. Errors: invalid_argument.
Status read_sampling(const cli::Arguments& arguments, generate::ComposeOptions& options);

// The piece that a command is given: the argument that names it, and what travels beside its score.
struct GivenPiece {
  std::string name;
  std::vector<notation::SideTrack> side_tracks;
};
// Reads it into the primer of the options. Errors: those of read_piece.
Result<GivenPiece> read_primer(const std::string& argument, generate::ComposeOptions& options, cli::Console& console);

// Composes the pieces that the arguments ask for, writes and reports them. `given`: the piece that is given, if any;
// what travels beside it is written beside each result.
// Errors: of the options, the model, compose_variations() and the outputs.
Status compose_pieces(const cli::Arguments& arguments, const generate::ComposeOptions& options, const GivenPiece& given,
                      cli::Console& console);

}  // namespace continuo::app
