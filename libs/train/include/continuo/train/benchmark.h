#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"

namespace continuo::train {

// The networks that the speed of training is measured with, and compared with other programs:
//   gpt     vocabulary 512, 6 layers, 512 features, 8 heads, context 1024, batch 4 (pre-norm, 20 million weights)
//   small   vocabulary 512, 4 layers, 256 features, 4 heads, context 512, batch 8
//   lstm    vocabulary 256, 2 layers of 512, sequences of 512, batch 64
std::span<const std::string_view> benchmark_models();

struct BenchmarkOptions {
  std::string model = "gpt";
  std::string precision = "auto", kernels = "fused";  // as of TrainOptions
  std::string positions = "learned";                  // of Transformers: also relative, rotary
  std::string optimiser = "adamw";                    // or muon
  bool qk_norm = false;                               // of Transformers
  int context = 0;                                    // 0: the model's. The batch keeps the number of tokens
  int threads = 0;                                    // 0: all processors
  double seconds = 15;                                // of timed steps; at least three are done
};

struct BenchmarkReport {
  std::string isa, model, precision, positions, optimiser;
  bool qk_norm = false;
  std::int64_t context = 0, batch = 0;
  int threads = 1, steps = 0;
  double tokens_per_s =
      0;                   // of the median step: forward, backward, clipping, update; on random tokens, without dropout
  double tflops = 0;       // of matrix products alone; of causal attention the half that counts
  double peak_tflops = 0;  // of all threads with operands in registers, in that precision, measured in the same run
  double peak_share = 0;
  std::uint64_t peak_memory_bytes = 0;
  std::vector<std::pair<std::string, double>> shares;  // of the steps' time by function, largest first
};

// Errors: invalid_argument (an option out of range); interrupted (a stop was requested).
Result<BenchmarkReport> benchmark(const BenchmarkOptions& options, Progress& progress);

}  // namespace continuo::train
