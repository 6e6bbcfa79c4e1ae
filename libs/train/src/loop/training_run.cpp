#include "loop/training_run.h"

#include <string>

#include "continuo/base/file.h"
#include "continuo/runs/run_files.h"

#include "loop/loop.h"
#include "loop/worker.h"
#include "ranks/command.h"

namespace continuo::train {
namespace {

RunState initial_state(const Setup& setup) {
  RunState state;
  state.options = setup.options;
  state.config = setup.config;
  state.position = setup.position;
  state.notes = setup.notes;
  return state;
}

}  // namespace

TrainingRun::TrainingRun(Setup setup, Progress& progress, RankGroup* ranks)
    : progress_(progress),
      ranks_(ranks),
      state_(initial_state(setup)),
      data_(std::move(setup.data), state_.options, state_.config, setup.runtime.threads),
      model_(state_.config, state_.options.seed, arithmetic_of(setup, ranks)),
      measured_(model_, data_, state_, progress, ranks),
      step_(model_, data_.training(), state_.options),
      plan_(state_.options, steps_by_count(state_.options, data_.training().windows().batches_per_epoch())),
      history_(state_),
      validation_(state_, measured_, history_),
      saving_(state_, measured_, history_, validation_),
      best_(state_, measured_, validation_),
      sampling_(state_, measured_, validation_),
      report_(state_, {plan_, history_, validation_}, progress) {
  state_.training_windows = data_.training().windows().windows();
  state_.validation_windows = data_.validation().windows().windows();
  state_.validation_targets = data_.validation().windows().targets_per_epoch();
  if (state_.validation_windows == 0) {
    state_.notes.push_back("the data set has no validation pieces: nothing was validated, and best is the last model");
  }
  state_.clock = RunClock(state_.position.elapsed_sec);  // making the network is not part of the run's time
}

Status TrainingRun::begin_with(const checkpoint::Checkpoint& model, const std::optional<MatchedWords>& words) {
  const auto import = [&]() -> Status {
    if (!words) return model_.import_weights(model.file.tensors());
    CONTINUO_ASSIGN(const auto matched, MatchedWeights::make(model, *words, state_.options.seed));
    return model_.import_weights(matched.tensors());
  };
  const Status status = import();
  return status ? status : status.error().in_file(state_.options.init_from.string());
}

Status TrainingRun::restore(const ResumeState& state) {
  CONTINUO_TRY(history_.restore());
  CONTINUO_TRY(model_.restore(state));
  best_.restore();
  return {};
}

StepResult TrainingRun::take_step(std::int64_t step, double learning_rate) {
  if (ranks_ != nullptr) send(*ranks_, {.kind = Command::Kind::kStep, .step = step, .learning_rate = learning_rate});
  const int before = model_.micro_batch();
  const StepResult result = step_.take(step, learning_rate);
  if (const int now = model_.micro_batch(); now != before) {
    const std::string needed = result.needed_memory.empty() ? "" : " (" + result.needed_memory + " more were needed)";
    state_.notes.push_back("memory did not suffice for a whole batch" + needed + ": from step " +
                           std::to_string(step + 1) + " on " + std::to_string(now) +
                           (now == 1 ? " window" : " windows") + " at once (micro_batch)");
  }
  return result;
}

Result<TrainReport> TrainingRun::go() {
  CONTINUO_TRY(write_file(state_.file(runs::kConfigFile), to_toml(state_.options)));
  if (ranks_ != nullptr) send_weights(*ranks_, model_);
  Loop loop({.state = state_,
             .plan = plan_,
             .progress = progress_,
             .step = [this](std::int64_t step, double learning_rate) { return take_step(step, learning_rate); },
             .hooks = {&history_, &report_, &validation_, &saving_, &best_, &sampling_}});
  CONTINUO_ASSIGN(const StoppedBy reason, loop.run());
  if (ranks_ != nullptr) {
    send(*ranks_, {.kind = Command::Kind::kEnd});
    ranks_->part();
  }
  return report_.at_end(reason);
}

Status TrainingRun::serve(const Progress& progress) {
  CONTINUO_TRY(train::serve(*ranks_, model_, step_, data_, progress));
  ranks_->part();
  return {};
}

}  // namespace continuo::train
