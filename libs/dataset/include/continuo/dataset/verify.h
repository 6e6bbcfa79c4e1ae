#pragma once

#include <cstdint>
#include <filesystem>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"

namespace continuo::dataset {

struct VerifyReport {
  std::uint64_t files = 0, bytes = 0;    // compared with their checksums
  std::uint64_t pieces = 0, tokens = 0;  // read, and decoded by the data set's tokenizer
  std::uint64_t rejects = 0;             // rows of the reject report
};

// Checks a data set against docs/formats/dataset.md: checksums and lengths of its files,
// headers, index and tokens, counts, names (each once, transposed copies in training alone and beside the piece that
// they are of), rows of the reject report by code, and that each piece is one that the tokenizer can read. The first
// fault is the error: those of TokenDataset::open; incompatible (a checksum or count), malformed (names, a report),
// invalid_tokens (a piece).
Result<VerifyReport> verify(const std::filesystem::path& folder, ThreadPool& threads, Progress& progress);

}  // namespace continuo::dataset
