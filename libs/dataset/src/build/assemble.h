#pragma once

#include <filesystem>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/corpus/ordered_run.h"
#include "continuo/dataset/build_options.h"

namespace continuo::dataset {

// Makes a data set of the piece files of all shards: finds duplicates, deals pieces to splits, and writes token files,
// reject report and manifest into `folder`. The result does not depend on how many shards there are. Each file is read
// twice, the first time without its tokens. Memory: about 30 bytes a piece. Errors: those of reading a piece file,
// incompatible (not complete, not all shards, or of different builds), empty (no piece to train on), io, no_space.
Result<BuildReport> assemble(const std::vector<std::filesystem::path>& piece_files, const std::filesystem::path& folder,
                             corpus::OrderedRun& run);

}  // namespace continuo::dataset
