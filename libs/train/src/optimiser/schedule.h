#pragma once

#include <cstdint>

#include "continuo/train/options.h"

namespace continuo::train {

// When a run ends (after a number of steps, after a time, or at the first of both), and its learning rate until then.
class Plan {
 public:
  // `step_limit` is steps_by_count(); 0: the clock alone ends the run. Requires: one of both limits.
  Plan(const TrainOptions& options, std::int64_t step_limit);

  // Seconds that a run which ends by the clock needs after its last step: validation, the last checkpoint, a sample.
  // Until this is known, a tenth of the time is kept for them; never more than half.
  void reserve(double closing_sec);

  bool out_of_steps(std::int64_t step) const { return step_limit_ > 0 && step >= step_limit_; }
  bool out_of_time(double elapsed_sec) const { return limit_sec_ > 0 && elapsed_sec >= training_sec(); }
  // Time until the run's end, at `step_sec` for each step. 0 once it is over.
  double left_sec(std::int64_t step, double elapsed_sec, double step_sec) const;
  // The learning rate of the step number `step`, counted from 0: linear to the peak over the warm-up, which takes at
  // most a tenth of the run, then half a cosine down to a tenth of the peak at the end. A run that ends by the clock
  // follows the clock, so it reaches the end of the cosine however fast its steps turn out to be.
  double learning_rate(std::int64_t step, double elapsed_sec) const;

 private:
  double training_sec() const;
  double rate_by_steps(std::int64_t step) const;
  double rate_by_clock(std::int64_t step, double share) const;

  std::int64_t warmup_steps_;
  double peak_;
  std::int64_t step_limit_;
  double limit_sec_;  // 0: none
  double closing_sec_;
};

// How long the run is to be by the limits that do not depend on the clock; 0 if there is none.
std::int64_t steps_by_count(const TrainOptions& options, std::uint64_t batches_per_epoch);

}  // namespace continuo::train
