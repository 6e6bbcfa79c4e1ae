#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/engine/model.h"

namespace continuo::generate {

// Networks with random weights that the speed of playing is measured with, and compared with other programs. Their
// words are those of `performance`.
//   gpt     6 layers, 512 features, 8 heads, context 1024 (19 million weights)
//   small   4 layers, 256 features, 4 heads, context 512
//   lstm    2 layers of 512
std::span<const std::string_view> benchmark_models();
// Writes one of them as a checkpoint. Errors: unsupported (unknown name), io, no_space.
Status write_benchmark_model(std::string_view name, const std::filesystem::path& path);

struct BenchmarkOptions {
  std::filesystem::path model;  // a checkpoint of a causal model
  engine::LoadOptions load;     // its threads also play
  int streams = 1;              // pieces that are written at the same time
  double seconds = 6;           // of timed steps
};

struct BenchmarkReport {
  std::string isa;
  engine::Precision precision = engine::Precision::kFp32;
  int threads = 1, streams = 1;
  double load_ms = 0;          // from opening the file, which is in the page cache, to a model ready to play
  double first_note_ms = 0;    // from opening the file to the first word that is a note
  double tokens_per_s = 0;     // of all streams, network alone: the median over passes through `first` to `last`
  int first = 0, last = 0;     // positions
  double bytes_per_token = 0;  // weights, and keys and values on average, over the streams that share them
  double bandwidth_gb_s = 0;   // reading as many bytes, on as many threads, between the passes: the median
  double bound_share = 0;      // of the tokens/s that this bandwidth allows
  double prefill_tokens_per_s = 0;
  double composing_tokens_per_s = 0;  // one stream with grammar and sampling, from an empty piece
  double notes_per_s = 0;             // of that
  double step_share = 0;              // of the network's steps in the time of composing
  std::uint64_t peak_memory_bytes = 0;
};

// Errors: those of Checkpoint::open and Model::load; unsupported (a bidirectional model); interrupted.
Result<BenchmarkReport> benchmark(const BenchmarkOptions& options, Progress& progress);

}  // namespace continuo::generate
