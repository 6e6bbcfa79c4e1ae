#include "hooks/history.h"

#include <algorithm>

#include "state/run_files.h"

namespace continuo::train {
namespace {

constexpr std::size_t kRecentSteps = 20;

}  // namespace

Status History::restore() {
  CONTINUO_ASSIGN(log_, MetricsLog::read(state_.file(kMetricsFile), state_.position.step));
  return {};
}

void History::after_step(const StepRecord& record) {
  tokens_per_s_.add(static_cast<double>(record.result.tokens) / std::max(record.seconds, 1e-9));
  MetricsRow row;
  row.step = state_.position.step;
  row.epoch = state_.epochs();
  row.tokens = state_.position.tokens;
  row.elapsed_sec = state_.clock.elapsed_sec();
  row.loss = record.result.loss;
  row.learning_rate = record.learning_rate;
  row.gradient_norm = record.result.gradient_norm;
  row.tokens_per_s = tokens_per_s_.value();
  log_.add(row);
}

Status History::write() const {
  CONTINUO_TRY(log_.write_csv(state_.file(kMetricsFile)));
  return log_.rows().empty() ? Status{} : log_.write_chart(state_.file(kChartFile));
}

void History::set_validation(const ValidationNll& nll) {
  if (!log_.rows().empty()) log_.set_validation(nll);
}

double History::recent_loss() const { return log_.recent_loss(kRecentSteps); }

}  // namespace continuo::train
