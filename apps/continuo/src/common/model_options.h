#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "continuo/checkpoint/checkpoint.h"
#include "continuo/cli/command.h"
#include "continuo/engine/model.h"

namespace continuo::app {

// -m,--model: a model file, a run's folder, or the name of a model that comes with Continuo.
cli::Field model_option();
cli::Field optional_model_option();
// The file of a model: itself, the best of a run's folder, or one that is shipped, by its name. Errors: those of
// runs::model_file(); not_found.
Result<std::filesystem::path> find_model(const std::filesystem::path& given);
// The one that --model names, or else the shipped one with the name `otherwise`.
Result<std::filesystem::path> model_file(const cli::Arguments& arguments, std::string_view otherwise = {});

// Refuses the options that were given and that this model would not use: those of `bert_only` if it is causal, and
// --cache if it has no attention. Errors: invalid_argument, naming the option and the file.
Status check_model_options(const cli::Arguments& arguments, std::span<const std::string_view> bert_only,
                           const checkpoint::ModelConfig& model, const std::filesystem::path& file);

// --precision and --cache: number types of the weights and of the KV cache.
std::vector<cli::Field> precision_options();
// With --threads, which also load the model.
engine::LoadOptions read_load_options(const cli::Arguments& arguments);

}  // namespace continuo::app
