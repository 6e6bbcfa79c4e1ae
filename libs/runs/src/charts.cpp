#include "continuo/runs/charts.h"

#include <algorithm>
#include <array>
#include <utility>

namespace continuo::runs {
namespace {

using render::Chart;
using render::ChartSeries;

constexpr const char* kNllLabel = "negative log-likelihood, nats per token";
constexpr std::array<std::string_view, 3> kOverNames = {"tokens", "minutes", "steps"};
constexpr double kSecondsPerMinute = 60;

// Means of equal stretches of the run.
ChartSeries training_series(const std::vector<MetricsRow>& rows) {
  constexpr std::size_t kPoints = 400;
  ChartSeries training{"training", {}};
  const std::size_t stride = std::max<std::size_t>(1, rows.size() / kPoints);
  for (std::size_t begin = 0; begin < rows.size(); begin += stride) {
    const std::size_t end = std::min(begin + stride, rows.size());
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += rows[i].loss;
    training.points.emplace_back(double(rows[end - 1].step), sum / double(end - begin));
  }
  return training;
}

double place_of(const MetricsRow& row, Over over) {
  switch (over) {
    case Over::kTokens:
      return static_cast<double>(row.tokens);
    case Over::kMinutes:
      return row.elapsed_sec / kSecondsPerMinute;
    case Over::kSteps:
      return static_cast<double>(row.step);
  }
  return 0;
}

}  // namespace

std::span<const std::string_view> over_names() { return kOverNames; }

Over over_from_string(std::string_view over_name) {
  const auto found = std::ranges::find(kOverNames, over_name);
  return static_cast<Over>(found - kOverNames.begin());
}

Chart loss_chart(const MetricsLog& metrics) {
  ChartSeries validation{"validation", {}}, second{"its second quarter of the window", {}},
      last{"its last quarter", {}};
  for (const MetricsRow& row : metrics.rows()) {
    const auto add = [&](const std::optional<double>& nll, ChartSeries& series) {
      if (nll) series.points.emplace_back(double(row.step), *nll);
    };
    add(row.validation_nll, validation);
    add(row.quarter_nll[1], second);
    add(row.quarter_nll[3], last);
  }
  Chart chart{"Training and validation loss", "steps", kNllLabel, {training_series(metrics.rows())}};
  for (ChartSeries* series : {&validation, &second, &last}) {
    if (!series->points.empty()) chart.series.push_back(std::move(*series));
  }
  return chart;
}

Chart comparison_chart(std::span<const Run> runs, Over over) {
  Chart chart{"Validation loss of runs", std::string(kOverNames[static_cast<std::size_t>(over)]), kNllLabel, {}};
  for (const Run& run : runs) {
    ChartSeries series{run.folder.string(), {}};
    for (const MetricsRow& row : run.metrics.rows()) {
      if (row.validation_nll) series.points.emplace_back(place_of(row, over), *row.validation_nll);
    }
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  return chart;
}

}  // namespace continuo::runs
