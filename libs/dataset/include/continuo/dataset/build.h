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
#include "continuo/dataset/filters.h"
#include "continuo/dataset/source.h"

namespace continuo::dataset {

struct BuildOptions {
  std::filesystem::path source;          // a folder of music files; see list_source() for the layouts that are known
  std::filesystem::path output;          // a folder, made if missing; an older data set in it is replaced
  std::string tokenizer = "remi";        // a name, or a file; see tokens::make_tokenizer()
  std::uint64_t seed = 0;                // of the split, where there is no official one
  int shard_index = 0, shard_count = 1;  // this process does files index % count == shard_index
  int transpose_down = 0,
      transpose_up = 0;  // training pieces are also stored moved by -down..+up semitones;
                         // drums stay, copies that would leave the range of MIDI are left out
  Filters filters;
};

struct BuildReport {
  std::string layout, licence, split_rule;
  int vocabulary_size = 0;
  // With the moved copies. Of one shard of several: 0, since only merging finds duplicates.
  std::array<std::uint64_t, kSplitCount> pieces{}, tokens{};
  std::uint64_t files = 0;                       // of this shard, or of the whole
  std::uint64_t notes = 0;                       // without the moved copies
  std::uint64_t resumed_pieces = 0;              // taken over from a process that did not come to its end
  std::map<std::string, std::uint64_t> rejects;  // by the error code's name; one by one in OUTPUT/rejects.csv
  std::map<std::string, std::string> examples;   // "PATH: reason" of the first of each
  std::map<std::string, std::uint64_t> skipped;  // left out by rule, not for a defect
};

// Reads, tokenises and stores a collection. Every file found ends up in a split, in OUTPUT/rejects.csv or, by a
// layout's rule, in `skipped`. The output folder is replaced only when all has been written, at once, and only if it
// is empty or holds nothing but a data set; on any error it stays as it was. Two processes that build one output at
// once do not disturb each other: the second ends with an error.
//
// The result does not depend on the number of threads, nor of shards, nor on interruptions: a process that was
// stopped or killed leaves OUTPUT.building behind, and the same build of unchanged files goes on from there.
//
// Each file is read once, in about 30 bytes of memory and its path each. A tokenizer that learns its words reads the
// collection twice more, and holds the notes of all training pieces. One shard of several leaves its piece file in the
// output folder, for merge(). Errors: not_found (no source), empty (no usable file; the reasons are in the message),
// io, no_space, interrupted, unsupported (unknown tokenizer), those of make_tokenizer(), invalid_argument, incompatible
// (the output holds something else than this build would make).
Result<BuildReport> build(const BuildOptions& options, ThreadPool& threads, Progress& progress);

// Makes the data set that one process would have built, byte for byte, of the shards in these folders, in any order.
// Errors: not_found, incompatible (shards missing, repeated, not finished, or of different options, tokenizers or
// sources), truncated, malformed, empty, io, no_space, invalid_argument (no folder).
Result<BuildReport> merge(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& output,
                          ThreadPool& threads, Progress& progress);

}  // namespace continuo::dataset
