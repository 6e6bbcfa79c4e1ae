#pragma once

#include "continuo/base/result.h"
#include "continuo/train/options.h"

#include "state/resume_state.h"

namespace continuo::train {

// The options of a run that continues: those it was saved with, under those of its config.toml, under those that the
// caller has asked for. A value that leaves a choice to Continuo ("auto", a batch size of 0) leaves it to the run.
// Errors: those of apply_toml_file for config.toml, which may be missing; invalid_argument (an option that a resumed
// run cannot change, in config.toml or of the caller, with both values).
Result<TrainOptions> resumed_options(const ResumeState& state, const TrainOptions& caller);

}  // namespace continuo::train
