#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/dataset/source.h"

#include "corpus_reading.h"

namespace continuo::dataset {

// A piece of a collection without an official split that has fewer notes is rejected.
inline constexpr std::size_t kFewestNotes = 4;

// What becomes of each piece, known before any is tokenised.
struct Plan {
  struct Piece {
    std::optional<Split> split;  // none: rejected already
    bool all_drums = false;
  };
  // Of each of the source's files; empty where the file was rejected, or (official splits) is not yet read.
  std::vector<std::vector<Piece>> files;
  struct FileReject {
    std::size_t file;
    Reject reject;
  };
  std::vector<FileReject> rejects;  // in the order of files
};

// Reads every file: pieces that are too short or repeat an earlier one are rejected, the others split by
// content. Errors: interrupted.
Result<Plan> survey(const Source& source, std::uint64_t seed, BatchRun& run);

}  // namespace continuo::dataset
