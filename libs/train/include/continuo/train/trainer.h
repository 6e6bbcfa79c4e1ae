#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/train/options.h"

namespace continuo::train {

enum class StoppedBy { kCompleted, kTimeLimit, kInterrupted };
std::string_view to_string(StoppedBy reason);  // "completed", "time limit", "interrupted"

struct TrainReport {
  std::int64_t steps = 0;  // since the run's beginning
  std::uint64_t tokens = 0;  // predicted in training, since the beginning
  double epochs = 0;
  double tokens_per_s = 0;              // of this process, training alone
  double final_loss = 0;                // mean of the last steps
  double best_validation_nll = 0;       // nats per token of best.safetensors; masked tokens for bidirectional models
  std::uint64_t validation_tokens = 0;  // over which that was measured at the end
  double elapsed_sec = 0;               // since the beginning, all processes together
  std::int64_t parameters = 0;
  std::uint64_t peak_memory_bytes = 0;
  std::string precision;  // fp32 or bf16
  StoppedBy stopped_by = StoppedBy::kCompleted;
  std::vector<std::string> notes;  // one line each, for people
};

// Trains a model on a data set, as `options` say, and leaves in options.output
//   best.safetensors, last.safetensors   models that compose; best by validation
//   resume.safetensors                   weights, moments and position in one atomically written file
//   config.toml, metrics.csv, loss.png, samples/step-N.mid
// A stop request ends the run as a limit would, saved and without an error. A killed run continues from the last
// resume.safetensors. What a step does depends on (options, data, step) alone, never on time, so a resumed run repeats
// the losses of an uninterrupted one to the bit, at equal threads and precision. Only a run that is limited by minutes
// follows the clock, with its learning rate (see metrics.csv) as with its number of steps.
//
// With options.resume the stored options hold, except threads, the sampler, and limits that the caller gives anew.
// Errors: those of validate, TokenDataset::open and writing; empty (no training data); invalid_argument (the folder
// holds a run already); not_found (nothing to resume); malformed, incompatible (a resume state that is broken or of
// other data); invalid_argument (the loss is no longer finite, naming the step; best.safetensors stays).
Result<TrainReport> train(const TrainOptions& options, Progress& progress);

}  // namespace continuo::train
