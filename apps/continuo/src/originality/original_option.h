#pragma once

#include <functional>
#include <vector>

#include "continuo/cli/command.h"
#include "continuo/generate/compose.h"

namespace continuo::app {

// --original and --index, of the commands that compose.
std::vector<cli::Field> originality_options();

// Whether a piece is as original as they ask for: its new notes share no passage of so many notes with the index. Empty
// where nothing is asked for. Errors: invalid_argument (one of them without the other), those of Index::open.
using IsOriginal = std::function<bool(const generate::Composition& piece)>;
Result<IsOriginal> read_originality(const cli::Arguments& arguments, const generate::ComposeOptions& options);

}  // namespace continuo::app
