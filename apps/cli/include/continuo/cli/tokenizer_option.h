#pragma once

#include <string>

#include "continuo/cli/command.h"

namespace continuo::cli {

// --tokenizer: the name of a tokenization, or a tokenizer file (.json). Default: remi.
Field tokenizer_option(std::string help);

}  // namespace continuo::cli
