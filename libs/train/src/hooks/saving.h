#pragma once

#include <optional>

#include "hooks/history.h"
#include "hooks/hook.h"
#include "hooks/interval.h"
#include "hooks/run_model.h"
#include "hooks/validation.h"
#include "state/run_state.h"

namespace continuo::train {

// Saves what a resumed run needs, every few minutes and at the end, however the run ends: first the history, then
// resume.safetensors, then the model as last.safetensors. In this order, because a process that is killed in between
// leaves a history with rows too many, which resuming drops; a missing row could not be made up.
class Saving final : public Hook {
 public:
  Saving(RunState& state, RunModel& model, History& history, const Validation& validation);

  bool is_due(double elapsed_sec) const override { return interval_.is_over(elapsed_sec); }
  Result<Outcome> run() override;
  Status close(StoppedBy reason) override;
  std::optional<double> closing_sec() const override { return took_sec_; }

 private:
  Status save();

  RunState& state_;
  RunModel& model_;
  History& history_;
  const Validation& validation_;
  Interval interval_;
  std::optional<double> took_sec_;  // the last time
};

}  // namespace continuo::train
