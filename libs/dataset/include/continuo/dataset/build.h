#pragma once

#include <filesystem>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/dataset/build_options.h"

namespace continuo::dataset {

// Reads, tokenises and stores a collection. Every file found ends up in a split, in OUTPUT/rejects.csv or, by a
// layout's rule, in `skipped`. The output folder is replaced only when all has been written, at once, and only if it
// is empty or contains nothing but a data set; on any error it stays as it was. Of two processes that build one output
// at once the second ends with an error.
//
// A data set in the output folder that was built from other files, with another tokenizer or other options is replaced
// only with `replace`. The same build again reports that the data set is complete, unless a file of the source is
// newer.
//
// The result does not depend on the number of threads, nor of shards, nor on interruptions: a process that was
// stopped or killed leaves OUTPUT.building, and the same build of unchanged files resumes from there.
//
// Each file is read once, in about 30 bytes of memory and its path each. A tokenizer that learns its words reads the
// collection twice more, and holds the notes of all training pieces. One shard of several leaves its piece file in the
// output folder, for merge(). Errors: not_found (no source), empty (no usable file; the reasons are in the message),
// io, no_space, interrupted, unsupported (unknown tokenizer), those of make_tokenizer(), invalid_argument, incompatible
// (the output contains something else than this build would make).
Result<BuildReport> build(const BuildOptions& options, ThreadPool& threads, Progress& progress);

struct MergeOptions {
  std::vector<std::filesystem::path> folders;  // that hold the shards, in any order
  std::filesystem::path output;                // a folder, made if missing
  bool replace = false;                        // as in BuildOptions
};

// Makes the data set that one process would have built, byte for byte, of the shards in these folders. Errors:
// not_found, incompatible (shards missing, repeated, not finished, or of different options, tokenizers or sources; the
// output contains a data set of another build), truncated, malformed, empty, io, no_space, invalid_argument (no
// folder).
Result<BuildReport> merge(const MergeOptions& options, ThreadPool& threads, Progress& progress);

}  // namespace continuo::dataset
