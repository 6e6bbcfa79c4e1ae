#pragma once

#include <filesystem>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/corpus/stats.h"

namespace continuo::dataset {

// Of a folder of music or a list (each file is read), or of a data set (each piece is decoded, transposed copies left
// out, so the music is what the tokenizer has left of it). Errors: those of list_source or TokenDataset::open; empty
// (no music file); interrupted.
Result<corpus::CollectionStats> collect_stats(const std::filesystem::path& path, ThreadPool& threads,
                                              Progress& progress);

}  // namespace continuo::dataset
