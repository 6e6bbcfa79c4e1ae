#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/train/train_report.h"

#include "hooks/hook.h"
#include "optimiser/schedule.h"
#include "state/figures.h"
#include "state/run_state.h"

namespace continuo::train {

// Steps, and between them whatever hook is due, until the run ends.
//
// What depends on clocks or on the user is asked in decide() alone, once after each step. Its answer is all that
// processes which train one model together have to agree on to do the same steps, validations and saves: one of them
// decides, the others are sent the Decision. So a limit that is reached, or a stop that is requested, while hooks run
// takes effect after one more step; only a hook that a stop request has cut short, and a validation that exhausts the
// patience, end the run at once. The latter depends on the position alone, which all processes share, and so a run that
// is resumed from a state saved after that validation ends at the same step.
class Loop {
 public:
  // Takes the step number `step`, counted from 0.
  using Step = std::function<StepResult(std::int64_t step, double learning_rate)>;
  struct Parts {
    RunState& state;
    Plan& plan;
    Progress& progress;
    Step step;
    std::vector<Hook*> hooks;  // in the order in which they run and close; at most 32
  };
  explicit Loop(Parts parts) : parts_(std::move(parts)) {}

  // Errors: those of hooks; invalid_argument (the loss is no longer finite) and too_large (memory does not
  // suffice), naming the step.
  Result<StoppedBy> run();

 private:
  struct Decision {
    std::uint32_t due = 0;  // bit i: hooks[i]
    std::optional<StoppedBy> stop;
  };
  Decision decide() const;

  bool out_of_patience() const;
  Status open();
  Status one_step();
  Result<Outcome> run_hooks(std::uint32_t due);
  Status abandon(ErrorCode code, std::string_view reason);
  // Keeps time for closing, as far as it is known how much.
  void reserve_closing_time();

  Parts parts_;
};

}  // namespace continuo::train
