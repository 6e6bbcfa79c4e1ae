#pragma once

#include <filesystem>

#include "continuo/cli/command.h"

namespace continuo::app {

// --output of a command that makes a tokenizer, and the check that it can be written and ends in .json: --tokenizer
// takes no other files.
cli::Field tokenizer_output_option();
Status check_tokenizer_output(const std::filesystem::path& path);

}  // namespace continuo::app
