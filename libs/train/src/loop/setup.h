#pragma once

#include <string>
#include <vector>

#include "continuo/neural/runtime.h"

#include "data/run_data.h"
#include "state/resume_state.h"

namespace continuo::train {

// What has been checked and opened before a run begins.
struct Setup {
  TrainOptions options;  // complete: no default is left open
  checkpoint::ModelConfig config;
  RunData::Opened data;
  neural::Runtime runtime;
  RunPosition position;  // step 0: at the run's beginning
  std::vector<std::string> notes;
};

// Opens the data set, chooses what the options leave open, and starts the threads. `position` is where an earlier
// process ended; step 0: there was none. Errors: those of TokenDataset::open and model_config; empty (no training
// pieces); incompatible (not the data set of the earlier process).
Result<Setup> prepare(const TrainOptions& options, const RunPosition& position);

}  // namespace continuo::train
