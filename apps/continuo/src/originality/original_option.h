#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "continuo/cli/command.h"
#include "continuo/generate/compose.h"
#include "continuo/originality/index.h"

namespace continuo::app {

// Errors: those of Index::open; incompatible (one of several shards).
Result<originality::Index> open_whole_index(const std::filesystem::path& path);

// Where the sketch of a model's training music is, if it carries one: beside its file.
std::filesystem::path sketch_of(std::filesystem::path model);

// --original and --index, of the commands that compose.
std::vector<cli::Field> originality_options();

// Whether a piece is as original as they ask for: its new notes share no passage of so many notes with the index, or
// with the sketch that the model's file has beside it. Empty where nothing is asked for. Errors: invalid_argument
// (--index alone; no sketch; passages that a sketch cannot find), those of Index::open and Sketch::open.
using IsOriginal = std::function<bool(const generate::Composition& piece)>;
Result<IsOriginal> read_originality(const cli::Arguments& arguments, const std::filesystem::path& model,
                                    const std::optional<score::Score>& primer);

}  // namespace continuo::app
