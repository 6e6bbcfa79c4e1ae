#pragma once

#include <cstdint>

#include "continuo/base/progress.h"

#include "hooks/history.h"
#include "hooks/hook.h"
#include "hooks/interval.h"
#include "hooks/validation.h"
#include "optimiser/schedule.h"
#include "state/run_state.h"

namespace continuo::train {

// Reports the run to its caller: one line after each step, and everything at the end. It has no clock; whoever shows
// the lines shows as many as are useful.
class Report final : public Hook {
 public:
  // What is reported, besides the state.
  struct Sources {
    const Plan& plan;
    const History& history;
    const Validation& validation;
  };
  Report(const RunState& state, const Sources& sources, Progress& progress)
      : state_(state), from_(sources), progress_(progress) {}

  // Requires: the history has the step already.
  void after_step(const StepRecord& record) override;
  TrainReport at_end(StoppedBy reason) const;

 private:
  const RunState& state_;
  Sources from_;
  Progress& progress_;
  Smoothed step_sec_;
  double training_sec_ = 0;   // of all steps of this process
  std::uint64_t tokens_ = 0;  // likewise
};

}  // namespace continuo::train
