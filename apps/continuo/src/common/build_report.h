#pragma once

#include <filesystem>
#include <string>

#include "continuo/cli/command.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/build.h"

namespace continuo::app {

// What 'dataset build' and 'dataset merge' have in common.

// --output: the data set's folder.
cli::Field dataset_output_option();
// --replace, of a data set that is there already.
cli::Field replace_option();

// Of several processes that share a work, one: counted from 0. Range: index < count
struct Shard {
  int index = 0, count = 1;
};
// "2/8": the second of eight. Errors: invalid_argument.
Result<Shard> read_shard(const std::string& text);

// Prints what a build or a merge has written; `whole` is false for one shard, which has no splits yet.
void report_build(const dataset::BuildReport& built, const std::filesystem::path& output, bool whole,
                  cli::Console& console);

}  // namespace continuo::app
