#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/notation/notation.h"

namespace continuo::app {

// Music that an argument of a command names, before it is read.
struct MusicInput {
  std::string name;                // for people: "folder/a.mid", "data/mine (train): a.mid"
  std::filesystem::path relative;  // to the folder or data set, for a tree of results
  // Errors: those of the reader, with the path.
  std::function<Result<notation::MusicFile>()> read;
};

// One file; "-": standard input, whose content decides its format; a folder (or a text file that lists files): those
// that a data set would be built from; a data set: each piece decoded, without transposed copies.
// Errors: io (standard input), and those of list_source and TokenDataset::open. A file that is missing is found out by
// read().
Result<std::vector<MusicInput>> music_inputs(const std::string& argument);

// For a command's help: what music_inputs takes.
std::string music_input_help();

}  // namespace continuo::app
