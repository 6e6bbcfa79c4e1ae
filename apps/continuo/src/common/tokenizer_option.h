#pragma once

#include "continuo/cli/command.h"

namespace continuo::app {

// --tokenizer: one by name, or a file.
cli::Field tokenizer_option(std::string help);

}  // namespace continuo::app
