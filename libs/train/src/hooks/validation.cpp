#include "hooks/validation.h"

#include <algorithm>

#include "continuo/runs/run_files.h"

namespace continuo::train {
namespace {

constexpr double kLargestShare = 0.1;  // of the time

}  // namespace

Validation::Validation(RunState& state, RunModel& model, History& history)
    : state_(state),
      model_(model),
      history_(history),
      interval_(state.options.validation_every_seconds, state.position.elapsed_sec) {}

bool Validation::is_due_by_steps() const {
  const std::int64_t every = state_.options.validation_every_steps, step = state_.position.step;
  return state_.validation_windows > 0 && every > 0 && step > 0 && step % every == 0;
}

Result<Outcome> Validation::open() {
  return is_due_by_steps() && history_.lacks_validation() ? measure() : Outcome::kDone;
}

bool Validation::is_due(double elapsed_sec) const {
  if (state_.validation_windows == 0) return false;
  return is_due_by_steps() || interval_.is_over(elapsed_sec, took_sec_ / kLargestShare);
}

Result<Outcome> Validation::run() {
  CONTINUO_ASSIGN(const Outcome outcome, measure());
  CONTINUO_TRY(history_.write());
  return outcome;
}

Status Validation::close(StoppedBy reason) {
  const bool wanted = reason != StoppedBy::kInterrupted && state_.validation_windows > 0;
  if (wanted && measured_step_ != state_.position.step) CONTINUO_TRY(measure());
  return {};
}

Result<Outcome> Validation::measure() {
  const double begin_sec = state_.clock.elapsed_sec();
  const auto measured = model_.evaluate(static_cast<std::uint64_t>(state_.options.validation_tokens));
  if (!measured) return Outcome::kInterrupted;
  const Nll& nll = measured->all;
  const double end_sec = state_.clock.elapsed_sec();
  interval_.restart(end_sec);
  took_sec_ = end_sec - begin_sec;
  tokens_per_s_ = static_cast<double>(nll.tokens) / std::max(took_sec_, 1e-9);
  measured_step_ = state_.position.step;
  last_ = *measured;
  history_.set_validation(*measured);
  if (state_.position.best_nll > 0 && nll.mean() >= state_.position.best_nll) {
    state_.position.validations_since_best += 1;
    return Outcome::kDone;
  }
  CONTINUO_TRY(write_with_nll(model_, state_.file(runs::kBestFile), measured));
  state_.position.best_nll = nll.mean();
  state_.position.validations_since_best = 0;
  state_.best_tokens = nll.tokens;
  return Outcome::kDone;
}

std::optional<double> Validation::closing_sec() const {
  if (!last_) return std::nullopt;
  return took_sec_;
}

std::optional<double> Validation::last() const { return last_ ? std::optional(last_->all.mean()) : std::nullopt; }

std::optional<ValidationNll> Validation::of_this_step() const {
  return measured_step_ == state_.position.step ? last_ : std::nullopt;
}

}  // namespace continuo::train
