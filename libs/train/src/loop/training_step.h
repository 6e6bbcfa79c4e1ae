#pragma once

#include <cstdint>

#include "continuo/train/options.h"

#include "data/batch_feed.h"
#include "optimiser/trained_model.h"
#include "state/figures.h"

namespace continuo::train {

// The steps of a run: batch, forward, backward, update. What step number n does depends on (options, data, weights, n,
// learning rate) alone.
class TrainingStep {
 public:
  // Requires: all outlive this.
  TrainingStep(TrainedModel& model, const BatchSource& batches, const TrainOptions& options)
      : model_(model), options_(options), feed_(batches, model.device().is_cuda()) {}

  // `step` counts from 0.
  StepResult take(std::int64_t step, double learning_rate);

 private:
  TrainedModel& model_;
  const TrainOptions& options_;
  BatchFeed feed_;
};

}  // namespace continuo::train
