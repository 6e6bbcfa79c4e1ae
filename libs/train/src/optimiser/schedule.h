#pragma once

#include <cstdint>

#include "continuo/train/options.h"

namespace continuo::train {

// How the learning rate moves from the run's beginning to its end.
enum class Schedule {
  kCosine,    // warm-up, then half a cosine down to the final share of the peak
  kOneCycle,  // linear from 1/25 of the peak over 30 % of the run, then half a cosine down to 4e-6 of it
  kConstant,  // warm-up, the peak, then linear to the final share of the peak over the last 20 % of the run
};

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
  // The learning rate of the step number `step`, counted from 0, by the schedule of the options. The warm-up is linear
  // and takes at most a tenth of the run. A run that ends by the clock follows the clock, so it reaches the end of its
  // schedule however fast its steps turn out to be; as long as steps are further than the clock, it follows them.
  // Source: cosine: Loshchilov and Hutter, "SGDR", 2017, without restarts; one cycle: Smith and Topin,
  // "Super-Convergence", 2018, without its cycle of the momentum; constant: Hu et al., "MiniCPM", 2024.
  double learning_rate(std::int64_t step, double elapsed_sec) const;

 private:
  double training_sec() const;
  // Of the peak after `share` of the run, apart from the warm-up; `down`: the share of the time since the warm-up.
  double factor(double share, double down) const;
  double rate_by_steps(std::int64_t step) const;
  double rate_by_clock(std::int64_t step, double share) const;

  Schedule schedule_;
  double final_share_;  // of the peak
  std::int64_t warmup_steps_;
  double peak_;
  std::int64_t step_limit_;
  double limit_sec_;  // 0: none
  double closing_sec_;
};

// How long the run is to be by the limits that do not depend on the clock; 0 if there is none.
std::int64_t steps_by_count(const TrainOptions& options, std::uint64_t batches_per_epoch);

}  // namespace continuo::train
