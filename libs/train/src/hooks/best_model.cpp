#include "hooks/best_model.h"

#include <algorithm>
#include <string>

#include "continuo/runs/run_files.h"

namespace continuo::train {
namespace {

constexpr double kLargestShare = 0.1;  // of the run's time
constexpr double kAlwaysAllowedSec = 10;

}  // namespace

void BestModel::restore() {
  double& best_nll = state_.position.best_nll;
  const auto best = checkpoint::Checkpoint::open(state_.file(runs::kBestFile));
  if (!best) {
    best_nll = 0;
    return;
  }
  const double nll = best->provenance.validation_nll;
  if (nll > 0 && (best_nll == 0 || nll < best_nll)) best_nll = nll;
}

BestModel::Measurement BestModel::planned() const {
  const std::uint64_t all = state_.validation_targets;
  const auto measured = static_cast<std::uint64_t>(state_.options.validation_tokens);
  // A bidirectional model predicts only masked tokens, so a number of tokens that reaches `all` is not known to be all.
  const bool masked = state_.config.masking == checkpoint::Masking::kBidirectional;
  if (measured == 0 || (!masked && measured >= all)) return {};
  const double speed = validation_.tokens_per_s();
  if (speed == 0) return {.wanted = true};
  const double allowed_sec = std::max(kAlwaysAllowedSec, kLargestShare * state_.clock.elapsed_sec());
  const auto affordable = static_cast<std::uint64_t>(allowed_sec * speed);
  if (affordable < all) return {.wanted = true, .most_tokens = affordable, .seconds = allowed_sec};
  return {.wanted = true, .seconds = static_cast<double>(all) / speed};
}

std::optional<double> BestModel::closing_sec() const {
  if (validation_.tokens_per_s() == 0) return std::nullopt;
  return planned().seconds;
}

Status BestModel::close(StoppedBy reason) {
  if (state_.validation_windows == 0) return write_with_nll(model_, state_.file(runs::kBestFile), std::nullopt);
  return reason == StoppedBy::kInterrupted ? Status{} : measure();
}

Status BestModel::measure() {
  if (state_.position.best_nll == 0) return {};  // a stop request prevented the only validation
  const Measurement plan = planned();
  if (!plan.wanted && state_.best_tokens > 0) return {};

  CONTINUO_ASSIGN(checkpoint::Provenance provenance, model_.read(state_.file(runs::kBestFile)));
  const auto nll = model_.evaluate(plan.most_tokens);
  if (!nll) return {};
  state_.position.best_nll = nll->all.mean();
  state_.best_tokens = nll->all.tokens;
  if (plan.most_tokens > 0) {
    state_.notes.push_back("the final validation covers the first " + std::to_string(nll->all.tokens) +
                           " tokens; `continuo evaluate` measures all");
  }
  set_validation(provenance, *nll);
  return model_.write(state_.file(runs::kBestFile), provenance);
}

}  // namespace continuo::train
