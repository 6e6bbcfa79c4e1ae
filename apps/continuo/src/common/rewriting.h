#pragma once

#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/cli/command.h"
#include "continuo/generate/options.h"

namespace continuo::app {

// What the commands that rewrite bars have in common: which tracks, and what of their notes stays.
// `keep`: the default of --keep.
std::vector<cli::Field> rewriting_options(const std::string& keep);

// Requires: options with the primer. Errors: invalid_argument.
Status read_rewriting(const cli::Arguments& arguments, generate::ComposeOptions& options);

}  // namespace continuo::app
