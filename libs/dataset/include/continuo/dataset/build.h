#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/dataset/dataset.h"
#include "continuo/dataset/source.h"

namespace continuo::dataset {

struct BuildOptions {
  std::filesystem::path source;  // a folder of music files; see list_source() for the layouts that are known
  std::filesystem::path output;  // a folder, made if missing; an older data set in it is replaced
  std::string tokenizer = "remi";
  std::uint64_t seed = 0;                // of the split, where there is no official one
  int shard_index = 0, shard_count = 1;  // this process does files index % count == shard_index
  int transpose_down = 0,
      transpose_up = 0;  // training pieces are also stored moved by -down..+up semitones;
                         // drums stay, copies that would leave the range of MIDI are left out
};

struct BuildReport {
  std::string layout, licence, split_rule;
  int vocabulary_size = 0;
  std::array<std::uint64_t, kSplitCount> pieces{}, tokens{};  // with the moved copies
  std::uint64_t files = 0, notes = 0;                         // of this shard; notes without the moved copies
  std::vector<Reject> rejects;
  std::map<std::string, std::uint64_t> skipped;                // left out by rule, not for a defect
  std::map<std::string, std::uint64_t> reject_counts() const;  // by code
};

// Reads, tokenises and stores a collection. Every file found ends up in a split, in `rejects` (also written to
// OUTPUT/rejects.csv) or, by a layout's rule, in `skipped`. The output folder is replaced only when all has
// been written, and only if it is empty or holds nothing but a data set; on any error it stays as it was.
//
// The result does not depend on the number of threads. A collection without an official split is read twice,
// because the split is by content; a tokenizer that learns its words reads, and holds in memory, the training
// pieces once more. With shards every process does that for the whole collection, so that all agree. Errors:
// not_found (no source), empty (no usable file; the reasons are in the message), io, no_space, interrupted,
// unsupported (unknown tokenizer), invalid_argument, incompatible (the output holds other shards).
Result<BuildReport> build(const BuildOptions& options, ThreadPool& threads, Progress& progress);

}  // namespace continuo::dataset
