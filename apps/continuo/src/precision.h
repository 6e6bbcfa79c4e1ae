#pragma once

#include "continuo/cli/command.h"
#include "continuo/engine/model.h"

namespace continuo::app {

// --precision and --cache: of weights, and of what a Transformer remembers.
std::vector<cli::Option> precision_options();
// With --threads, which loads too.
engine::LoadOptions read_load_options(const cli::Arguments& arguments);

}  // namespace continuo::app
