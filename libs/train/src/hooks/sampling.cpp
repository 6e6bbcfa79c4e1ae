#include "hooks/sampling.h"

#include <string>

#include "continuo/runs/run_files.h"

namespace continuo::train {

Sampling::Sampling(RunState& state, RunModel& model, const Validation& validation)
    : state_(state),
      model_(model),
      validation_(validation),
      interval_(state.options.sample_every_minutes * kSecondsPerMinute, state.position.elapsed_sec) {}

Result<Outcome> Sampling::run() {
  CONTINUO_TRY(write_with_nll(model_, state_.file(runs::kLastFile), validation_.of_this_step()));
  compose(state_.file(runs::kLastFile));
  return Outcome::kDone;
}

Status Sampling::close(StoppedBy reason) {
  if (reason == StoppedBy::kInterrupted) return {};
  const bool has_best = std::filesystem::exists(state_.file(runs::kBestFile));
  compose(state_.file(has_best ? runs::kBestFile : runs::kLastFile));
  return {};
}

void Sampling::compose(const std::filesystem::path& model) {
  const double begin_sec = state_.clock.elapsed_sec();
  interval_.restart(begin_sec);
  if (!state_.options.sampler) return;
  const std::string step = std::to_string(state_.position.step);
  const Status status = state_.options.sampler(model, state_.file(runs::kSamplesFolder) / ("step-" + step + ".mid"));
  took_sec_ = state_.clock.elapsed_sec() - begin_sec;
  if (!status) state_.notes.push_back("no sample at step " + step + ": " + status.error().to_line());
}

}  // namespace continuo::train
