#include "hooks/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "continuo/base/platform/platform.h"
#include "continuo/base/text.h"
#include "continuo/checkpoint/tensor_names.h"

namespace continuo::train {
namespace {

std::string with_nll(const char* name, double nll) {
  char text[64];
  std::snprintf(text, sizeof text, "%s %.3f", name, nll);
  return text;
}

}  // namespace

void Report::after_step(const StepRecord& record) {
  step_sec_.add(record.seconds);
  training_sec_ += record.seconds;
  tokens_ += record.result.tokens;

  std::string note = with_nll("loss", from_.history.recent_loss());
  if (from_.validation.last()) note += with_nll("  val", *from_.validation.last());
  note += "  " + grouped(static_cast<std::uint64_t>(std::llround(from_.history.tokens_per_s()))) + " tokens/s";
  const std::int64_t step = state_.position.step;
  const double left_sec = from_.plan.left_sec(step, state_.clock.elapsed_sec(), step_sec_.value());
  note += "  " + clock_text(left_sec) + " left";
  const auto steps_left = std::llround(left_sec / std::max(step_sec_.value(), 1e-9));
  progress_.update(static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(step + steps_left), note);
}

TrainReport Report::at_end(StoppedBy reason) const {
  TrainReport report;
  report.steps = state_.position.step;
  report.tokens = state_.position.tokens;
  report.epochs = state_.epochs();
  report.tokens_per_s = training_sec_ > 0 ? static_cast<double>(tokens_) / training_sec_ : 0;
  report.final_loss = from_.history.recent_loss();
  report.best_validation_nll = state_.position.best_nll;
  report.validation_tokens = state_.best_tokens;
  report.elapsed_sec = state_.clock.elapsed_sec();
  report.parameters = checkpoint::parameter_count(state_.config);
  report.peak_memory_bytes = platform::peak_resident_bytes();
  report.precision = state_.position.precision;
  report.stopped_by = reason;
  report.notes = state_.notes;
  if (reason == StoppedBy::kInterrupted) report.notes.push_back("interrupted, resume with --resume");
  return report;
}

}  // namespace continuo::train
