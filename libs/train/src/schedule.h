#pragma once

#include <cstdint>
#include <vector>

#include "continuo/train/options.h"

namespace continuo::train {

// The learning rate of `step` (from 0): linear to the peak over the warm-up, then half a cosine down to a tenth of the
// peak at the last step. With planned_steps 0 (not known yet) only the warm-up acts.
double learning_rate(const TrainOptions& options, std::int64_t step, std::int64_t planned_steps);

// How long the run is to be by the limits that do not depend on the clock; 0 if there is none.
std::int64_t steps_by_count(const TrainOptions& options, std::uint64_t batches_per_epoch);

// Fixes the length of a run that is limited in minutes from the time of its first steps.
class Planner {
 public:
  // `limit` is steps_by_count, `spent_sec` what earlier processes of the run have used.
  Planner(const TrainOptions& options, std::int64_t limit, double spent_sec);
  // Call after each step. Returns the planned steps once they are known, 0 before that.
  // Requires: steps_done counts from the run's beginning.
  std::int64_t after_step(std::int64_t steps_done, double step_sec, double elapsed_sec);

 private:
  double budget_sec_;
  std::int64_t limit_;
  std::vector<double> step_sec_;
};

}  // namespace continuo::train
