#pragma once

#include <filesystem>

#include "continuo/cli/command.h"
#include "continuo/engine/model.h"

namespace continuo::app {

// -m,--model: a model file, or a run's folder.
cli::Field model_option();
// The file that --model names: runs::model_file().
Result<std::filesystem::path> model_file(const cli::Arguments& arguments);

// --precision and --cache: number types of the weights and of the KV cache.
std::vector<cli::Field> precision_options();
// With --threads, which also load the model.
engine::LoadOptions read_load_options(const cli::Arguments& arguments);

}  // namespace continuo::app
