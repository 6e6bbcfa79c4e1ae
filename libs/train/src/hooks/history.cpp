#include "hooks/history.h"

#include <algorithm>

#include "continuo/render/chart.h"
#include "continuo/runs/charts.h"
#include "continuo/runs/run_files.h"

namespace continuo::train {
namespace {

constexpr std::size_t kRecentSteps = 20;

}  // namespace

Status History::restore() {
  CONTINUO_ASSIGN(log_, runs::MetricsLog::read(state_.file(runs::kMetricsFile), state_.position.step));
  return {};
}

void History::after_step(const StepRecord& record) {
  tokens_per_s_.add(static_cast<double>(record.result.tokens) / std::max(record.seconds, 1e-9));
  runs::MetricsRow row;
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
  CONTINUO_TRY(log_.write_csv(state_.file(runs::kMetricsFile)));
  if (log_.rows().empty()) return {};
  return render::write_chart(runs::loss_chart(log_), state_.file(runs::kChartFile));
}

void History::set_validation(const ValidationNll& nll) {
  if (!log_.rows().empty()) log_.set_validation(nll.all.mean(), nll.quarter_means());
}

double History::recent_loss() const { return log_.recent_loss(kRecentSteps); }

}  // namespace continuo::train
