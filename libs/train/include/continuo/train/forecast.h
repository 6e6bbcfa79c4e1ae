#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/train/options.h"

namespace continuo::train {

// What a run would be.
struct Forecast {
  std::int64_t parameters = 0;
  std::uint64_t training_tokens = 0, validation_tokens = 0;  // of the data set
  std::int64_t steps = 0;               // until the run ends; of a run limited by minutes as many as they suffice for
  double epochs = 0;                    // in these steps
  double tokens_per_step = 0;           // predicted
  double tokens_per_s = 0;              // of the steps that were tried
  double training_sec = 0;              // of all steps; validation and saving come on top
  std::uint64_t peak_memory_bytes = 0;  // of this process, steps included
  std::string precision;                // fp32 or bf16
  std::vector<std::string> notes;       // one line each, for people
};

// Sets everything up as train() does, takes a few steps and throws them away. Writes nothing, and does not look at
// options.output. Errors: those of train() before its first step; invalid_argument (options.resume).
Result<Forecast> forecast(const TrainOptions& options, Progress& progress);

}  // namespace continuo::train
