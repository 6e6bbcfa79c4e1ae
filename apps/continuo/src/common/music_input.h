#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/cli/console.h"
#include "continuo/notation/notation.h"

namespace continuo::app {

// Music that an argument of a command names, before it is read.
struct MusicInput {
  std::string name;                // for people: "folder/a.mid", "data/mine (train): a.mid"
  std::filesystem::path relative;  // to the folder or data set, for a tree of results
  std::string split;               // of a data set's piece: "train", "validation" or "test"
  // Errors: those of the reader, with the path.
  std::function<Result<notation::MusicFile>()> read;
};

struct MusicInputs {
  std::vector<MusicInput> inputs;  // in the order of the arguments
  bool is_collection = false;      // one of them is a folder, a list or a data set, even if it holds one piece
  std::vector<std::string> notes;  // what was left out of folders and lists, and why
};

// Of each argument: one file; "-": standard input, whose content decides its format; a folder (or a text file that
// lists files): those that a data set would be built from; a data set: each piece decoded, without transposed copies.
// Errors: empty (a folder without music), and those of list_source and TokenDataset::open. A file that is missing and
// standard input that cannot be used are found out by read().
Result<MusicInputs> music_inputs(std::span<const std::string> arguments);

// Leaves of data sets' pieces those of this split; all else stays.
void keep_split(const std::string& split, std::vector<MusicInput>& inputs);

// For a command that takes one piece: a file, or "-". Errors: invalid_argument (`argument` is a folder).
Result<MusicInput> one_music_input(const std::string& argument);
// Its first piece that has notes, with what travels beside its score; warns of what was read around. Errors: those of
// the reader, with the path.
Result<notation::Piece> read_piece(const std::string& argument, cli::Console& console);
// Its score alone. Errors: those of the reader, with the path.
Result<score::Score> read_score(const std::string& argument, notation::Diagnostics* diagnostics = nullptr);

// One line of warning for each kind of thing that was read around, left out or lost.
std::vector<std::string> warn(const std::string& input, const notation::Diagnostics& diagnostics,
                              cli::Console& console);

// For a command's help: what music_inputs takes.
std::string music_input_help();

}  // namespace continuo::app
