#include "hooks/saving.h"

#include "continuo/runs/run_files.h"

namespace continuo::train {

Saving::Saving(RunState& state, RunModel& model, History& history, const Validation& validation)
    : state_(state),
      model_(model),
      history_(history),
      validation_(validation),
      interval_(state.options.checkpoint_every_minutes * kSecondsPerMinute, state.position.elapsed_sec) {}

Result<Outcome> Saving::run() {
  CONTINUO_TRY(save());
  return Outcome::kDone;
}

Status Saving::close(StoppedBy) { return save(); }

Status Saving::save() {
  state_.position.elapsed_sec = state_.clock.elapsed_sec();
  CONTINUO_TRY(history_.write());
  CONTINUO_TRY(
      write_resume_state(state_.file(runs::kResumeFile), state_.options, state_.position, model_.parameters()));
  CONTINUO_TRY(write_with_nll(model_, state_.file(runs::kLastFile), validation_.of_this_step()));
  const double end_sec = state_.clock.elapsed_sec();
  interval_.restart(end_sec);
  took_sec_ = end_sec - state_.position.elapsed_sec;
  return {};
}

}  // namespace continuo::train
