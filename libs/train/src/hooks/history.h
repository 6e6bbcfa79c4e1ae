#pragma once

#include <optional>

#include "continuo/runs/metrics_log.h"

#include "hooks/hook.h"
#include "hooks/interval.h"
#include "state/event_file.h"
#include "state/run_state.h"

namespace continuo::train {

// Keeps a row of metrics for each step. It has no clock: it is written whenever validation or saving asks for it, since
// a resumed run drops rows that are too many but could not make up missing ones. The same numbers go to event files of
// TensorBoard, where the options ask for them.
class History final : public Hook {
 public:
  explicit History(const RunState& state);

  // Reads the rows of earlier processes. Errors: malformed.
  Status restore();
  void after_step(const StepRecord& record) override;
  Status abandon() override { return write(); }

  // metrics.csv and, unless there are no rows, loss.png; appends to the event file.
  Status write();
  // Adds the validation of the last step to its row, if there is one.
  void set_validation(const ValidationNll& nll);
  // Whether there is a last row, and it has no validation.
  bool lacks_validation() const { return !log_.rows().empty() && !log_.rows().back().validation_nll; }
  // Mean of the last steps; 0 without any.
  double recent_loss() const;
  double tokens_per_s() const { return tokens_per_s_.value(); }  // smoothed

 private:
  const RunState& state_;
  runs::MetricsLog log_;
  std::optional<EventFile> events_;
  Smoothed tokens_per_s_;
};

}  // namespace continuo::train
