#pragma once

#include <filesystem>

#include "continuo/cli/console.h"
#include "continuo/dataset/build.h"

namespace continuo::app {

// Prints what a build or a merge has written; `whole` is false for one shard, which has no splits yet.
void report_build(const dataset::BuildReport& built, const std::filesystem::path& output, bool whole,
                  cli::Console& console);

}  // namespace continuo::app
