#pragma once

#include <filesystem>
#include <optional>

#include "hooks/hook.h"
#include "hooks/interval.h"
#include "hooks/run_model.h"
#include "hooks/validation.h"
#include "state/run_state.h"

namespace continuo::train {

// Composes samples/step-N.mid: every few minutes with the model as it is, which is written as last.safetensors for
// that, and with the best one at the end of a run that was not interrupted. A sample that fails becomes a note.
class Sampling final : public Hook {
 public:
  Sampling(RunState& state, RunModel& model, const Validation& validation);

  bool is_due(double elapsed_sec) const override { return interval_.is_over(elapsed_sec); }
  Result<Outcome> run() override;
  Status close(StoppedBy reason) override;
  std::optional<double> closing_sec() const override { return took_sec_; }

 private:
  void compose(const std::filesystem::path& model);

  RunState& state_;
  RunModel& model_;
  const Validation& validation_;
  Interval interval_;
  std::optional<double> took_sec_;  // the last time
};

}  // namespace continuo::train
