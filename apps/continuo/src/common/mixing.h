#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "continuo/checkpoint/checkpoint.h"
#include "continuo/cli/command.h"
#include "continuo/engine/model.h"

namespace continuo::app {

// --mix MODEL, which can be given several times.
cli::Field mix_option();

// The files of the models that it names. Errors: those of find_model().
Result<std::vector<std::filesystem::path>> files_to_mix(const cli::Arguments& arguments);

// `model`, which was loaded from `checkpoint`, mixed with those that --mix names; itself where none is named. Errors:
// those of find_model(), Model::load() and engine::mixture_of(); incompatible (another tokenizer), each naming the
// file.
Result<std::shared_ptr<const engine::Model>> mixed(std::shared_ptr<const engine::Model> model,
                                                   const checkpoint::Checkpoint& checkpoint,
                                                   const cli::Arguments& arguments);

}  // namespace continuo::app
