#pragma once

#include <optional>
#include <string>
#include <vector>

#include "continuo/checkpoint/checkpoint.h"
#include "continuo/neural/runtime.h"

#include "data/run_data.h"
#include "loop/matched_words.h"
#include "optimiser/trained_model.h"
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
  std::optional<checkpoint::Checkpoint> initial;  // whose weights the run begins with
  std::optional<MatchedWords> words;              // of the data as those of `initial`, where they differ
};

// Opens the data set, chooses what the options leave open, and starts the threads. `position` is where an earlier
// process ended; step 0: there was none. Errors: those of TokenDataset::open and model_config; empty (no training
// pieces); incompatible (not the data set of the earlier process); those of options_of_model and
// words_of_model, naming the file.
Result<Setup> prepare(const TrainOptions& options, const RunPosition& position);

// How the network of a run is computed, and moved. `ranks` as in TrainedModel::Arithmetic.
TrainedModel::Arithmetic arithmetic_of(const Setup& setup, RankGroup* ranks = nullptr);

}  // namespace continuo::train
