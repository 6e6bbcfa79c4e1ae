#pragma once

#include "continuo/base/progress.h"

#include "data/run_data.h"
#include "loop/training_step.h"
#include "optimiser/trained_model.h"
#include "ranks/rank_group.h"

namespace continuo::train {

// Of the first process: gives all that the model has learned (TrainedModel::state()) to the others.
void send_weights(RankGroup& ranks, TrainedModel& model);

// Of all other processes: does what the first one has them do, until it ends the run, which it is asked to do where
// `progress` requests a stop.
// Errors: too_large (memory does not suffice).
Status serve(RankGroup& ranks, TrainedModel& model, TrainingStep& steps, const RunData& data, const Progress& progress);

}  // namespace continuo::train
