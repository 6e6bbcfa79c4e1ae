#include "hooks/history.h"

#include <algorithm>
#include <array>
#include <vector>

#include "continuo/render/chart.h"
#include "continuo/runs/charts.h"
#include "continuo/runs/run_files.h"

namespace continuo::train {
namespace {

constexpr std::size_t kRecentSteps = 20;

std::array<Scalar, 4> training_scalars(const runs::MetricsRow& row) {
  return {{{"train/loss", row.loss},
           {"train/learning_rate", row.learning_rate},
           {"train/gradient_norm", row.gradient_norm},
           {"tokens_per_s", row.tokens_per_s}}};
}

// Requires: the row has a validation.
std::vector<Scalar> validation_scalars(const runs::MetricsRow& row) {
  constexpr std::array<std::string_view, 4> kTags = {"validation/quarter_1", "validation/quarter_2",
                                                     "validation/quarter_3", "validation/quarter_4"};
  std::vector<Scalar> scalars = {{"validation/nll", *row.validation_nll}};
  for (std::size_t i = 0; i < kTags.size(); ++i) {
    if (row.quarter_nll[i]) scalars.push_back({kTags[i], *row.quarter_nll[i]});
  }
  return scalars;
}

}  // namespace

History::History(const RunState& state) : state_(state) {
  if (state.options.tensorboard) events_.emplace(state.options.output);
}

Status History::restore() {
  CONTINUO_ASSIGN(log_, runs::MetricsLog::read(state_.file(runs::kMetricsFile), state_.position.step));
  if (events_) events_->start(state_.position.step + 1);
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
  if (events_) events_->add(row.step, training_scalars(row));
}

Status History::write() {
  if (events_) CONTINUO_TRY(events_->write());
  CONTINUO_TRY(log_.write_csv(state_.file(runs::kMetricsFile)));
  if (log_.rows().empty()) return {};
  return render::write_chart(runs::loss_chart(log_), state_.file(runs::kChartFile));
}

void History::set_validation(const ValidationNll& nll) {
  if (log_.rows().empty()) return;
  log_.set_validation(nll.all.mean(), nll.quarter_means());
  if (events_) events_->add(log_.rows().back().step, validation_scalars(log_.rows().back()));
}

double History::recent_loss() const { return log_.recent_loss(kRecentSteps); }

}  // namespace continuo::train
