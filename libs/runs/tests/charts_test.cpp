#include "continuo/runs/charts.h"

#include <gtest/gtest.h>

namespace continuo::runs {
namespace {

using Points = std::vector<std::pair<double, double>>;

MetricsLog log_of(std::initializer_list<MetricsRow> rows) {
  MetricsLog log;
  for (const MetricsRow& row : rows) log.add(row);
  return log;
}

TEST(Charts, LossHasCurvesOfWhatWasMeasured) {
  MetricsRow validated{.step = 2, .loss = 4, .validation_nll = 3.5};
  validated.quarter_nll[3] = 3;
  const auto chart = loss_chart(log_of({{.step = 1, .loss = 5}, validated}));
  ASSERT_EQ(chart.series.size(), 3U);
  EXPECT_EQ(chart.series[0].points, (Points{{1, 5}, {2, 4}}));
  EXPECT_EQ(chart.series[1].name, "validation");
  EXPECT_EQ(chart.series[1].points, (Points{{2, 3.5}}));
  EXPECT_EQ(chart.series[2].points, (Points{{2, 3}}));
}

TEST(Charts, LongTrainingIsAveraged) {
  MetricsLog log;
  for (int step = 1; step <= 1200; ++step) log.add({.step = step, .loss = step % 3 == 0 ? 3.0 : 0.0});
  const auto chart = loss_chart(log);
  ASSERT_EQ(chart.series.at(0).points.size(), 400U);
  EXPECT_EQ(chart.series[0].points.front(), std::pair(3.0, 1.0));
  EXPECT_EQ(chart.series[0].points.back(), std::pair(1200.0, 1.0));
}

TEST(Charts, AComparisonHasACurveOfEachValidatedRun) {
  std::vector<runs::Run> two(2);
  two[0].folder = "a";
  two[0].metrics = log_of({{.step = 10, .tokens = 1000, .elapsed_sec = 30, .validation_nll = 2},
                           {.step = 15},
                           {.step = 20, .tokens = 2000, .elapsed_sec = 60, .validation_nll = 1}});
  two[1].folder = "never-validated";
  two[1].metrics = log_of({{.step = 10, .tokens = 1000}});
  const std::pair<const char*, Points> cases[] = {
      {"tokens", {{1000, 2}, {2000, 1}}}, {"minutes", {{0.5, 2}, {1, 1}}}, {"steps", {{10, 2}, {20, 1}}}};
  for (const auto& [over, points] : cases) {
    const auto chart = comparison_chart(two, over_from_string(over));
    ASSERT_EQ(chart.series.size(), 1U);
    EXPECT_EQ(chart.x_label, over);
    EXPECT_EQ(chart.series[0].name, "a");
    EXPECT_EQ(chart.series[0].points, points);
  }
}

}  // namespace
}  // namespace continuo::runs
