#pragma once

#include <cstdint>
#include <optional>

#include "hooks/history.h"
#include "hooks/hook.h"
#include "hooks/interval.h"
#include "hooks/run_model.h"
#include "state/run_state.h"

namespace continuo::train {

// Measures the model on the validation split after so many steps or seconds, and keeps it as best.safetensors when it
// is the best so far. By seconds it takes at most a tenth of the time. Without validation pieces it does nothing.
class Validation final : public Hook {
 public:
  Validation(RunState& state, RunModel& model, History& history);

  // The validation that a stop request prevented after the last step of an earlier process: without it, a resumed run
  // would have fewer figures than an uninterrupted one.
  Result<Outcome> open() override;
  bool is_due(double elapsed_sec) const override;
  Result<Outcome> run() override;
  Status close(StoppedBy reason) override;
  std::optional<double> closing_sec() const override;

  // The last figure of this process, of whichever step. Units: nats per token.
  std::optional<double> last() const;
  // Of the present weights; empty when they were not measured.
  std::optional<ValidationNll> of_this_step() const;
  double tokens_per_s() const { return tokens_per_s_; }  // of the last validation; 0: there was none

 private:
  bool is_due_by_steps() const;
  Result<Outcome> measure();

  RunState& state_;
  RunModel& model_;
  History& history_;
  Interval interval_;
  double took_sec_ = 0, tokens_per_s_ = 0;  // the last time
  std::int64_t measured_step_ = -1;
  std::optional<ValidationNll> last_;
};

}  // namespace continuo::train
