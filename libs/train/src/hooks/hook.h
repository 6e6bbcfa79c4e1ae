#pragma once

#include <optional>

#include "continuo/base/result.h"
#include "continuo/train/train_report.h"

#include "state/figures.h"

namespace continuo::train {

enum class Outcome {
  kDone,
  kInterrupted,  // cut short by a stop request; the run ends without another step
};

// Something that happens between the steps of a run. A hook has its own clock, its own state, and knows how long it
// takes at the end. It does not decide when it runs: it reports whether it is due, and the loop decides for all hooks
// at one moment, so that several processes that train one model can agree on the decision.
class Hook {
 public:
  virtual ~Hook() = default;

  // Before the first step of this process: what an earlier process left undone.
  virtual Result<Outcome> open() { return Outcome::kDone; }
  // After each step, before is_due().
  virtual void after_step(const StepRecord&) {}
  // Whether run() should be called after the step that was just taken, `elapsed_sec` after the run's beginning.
  virtual bool is_due([[maybe_unused]] double elapsed_sec) const { return false; }
  virtual Result<Outcome> run() { return Outcome::kDone; }
  // After the last step. In the order of the hooks.
  virtual Status close(StoppedBy) { return {}; }
  // Instead of close(), where a step failed.
  virtual Status abandon() { return {}; }

  // Seconds that close() is going to take by what was measured so far; empty while nothing was.
  virtual std::optional<double> closing_sec() const { return std::nullopt; }
};

}  // namespace continuo::train
