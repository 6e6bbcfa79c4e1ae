#pragma once

#include <optional>
#include <string>
#include <vector>

#include "continuo/cli/command.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/notation/piece.h"

namespace continuo::app {

// Changes to a piece on its way from file to file.
struct Edits {
  int transpose = 0;            // semitones
  std::optional<double> tempo;  // of the start, quarters per minute; later tempos change by the same factor
  std::optional<double> speed;  // factor on all tempos
  int quantise = 0;             // steps per quarter; 0: none
};

std::vector<cli::Field> edit_options();
// Errors: invalid_argument (a tempo that is neither a number nor a percentage, or out of range).
Result<Edits> read_edits(const cli::Arguments& arguments);
// Errors: invalid_argument (a note would leave the keys of MIDI). What an edit loses is noted.
Status edit(const Edits& edits, notation::Piece& piece, notation::Diagnostics& diagnostics);

}  // namespace continuo::app
