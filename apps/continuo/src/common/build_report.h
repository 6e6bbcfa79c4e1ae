#pragma once

#include <filesystem>

#include "continuo/cli/command.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/build.h"

namespace continuo::app {

// What 'dataset build' and 'dataset merge' have in common.

// --output: the data set's folder.
cli::Field dataset_output_option();
// --replace, of a data set that is there already.
cli::Field replace_option();

// Prints what a build or a merge has written; `whole` is false for one shard, which has no splits yet.
void report_build(const dataset::BuildReport& built, const std::filesystem::path& output, bool whole,
                  cli::Console& console);

}  // namespace continuo::app
