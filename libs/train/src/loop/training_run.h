#pragma once

#include "continuo/base/progress.h"
#include "continuo/train/train_report.h"

#include "data/run_data.h"
#include "hooks/best_model.h"
#include "hooks/history.h"
#include "hooks/report.h"
#include "hooks/sampling.h"
#include "hooks/saving.h"
#include "hooks/validation.h"
#include "loop/measured_model.h"
#include "loop/setup.h"
#include "loop/training_step.h"
#include "optimiser/schedule.h"
#include "optimiser/trained_model.h"
#include "ranks/rank_group.h"
#include "state/run_state.h"

namespace continuo::train {

// One process's part of a training run, from its first or resumed step to its end: puts the parts together, and has no
// logic of its own. Neither copied nor moved: the parts refer to each other.
class TrainingRun {
 public:
  // `ranks`: the processes that train one model together; null: this one is alone.
  TrainingRun(Setup setup, Progress& progress, RankGroup* ranks);
  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  // Starts from a model's weights; `words`: those of the data as the model's, where they differ. Errors: those of
  // TrainedModel::import_weights, naming the file.
  Status begin_with(const checkpoint::Checkpoint& model, const std::optional<MatchedWords>& words);
  // Reads weights, moments, history and the best figure of earlier processes. Errors: those of TrainedModel::restore;
  // malformed metrics.
  Status restore(const ResumeState& state);
  // Of the first process, or of one that is alone.
  Result<TrainReport> go();
  // Of the others, which ask the first one to stop where `progress` asks them. Errors: those of serve().
  Status serve(const Progress& progress);

 private:
  StepResult take_step(std::int64_t step, double learning_rate);

  Progress& progress_;
  RankGroup* ranks_;
  RunState state_;
  RunData data_;
  TrainedModel model_;
  MeasuredModel measured_;
  TrainingStep step_;
  Plan plan_;

  History history_;
  Validation validation_;
  Saving saving_;
  BestModel best_;
  Sampling sampling_;
  Report report_;
};

}  // namespace continuo::train
