#include <cmath>
#include <filesystem>
#include <numeric>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/dataset/windows.h"
#include "continuo/tokens/vocabulary.h"

#include "adamw.h"
#include "metrics_log.h"
#include "schedule.h"

namespace continuo::train {
namespace {

TrainOptions with_peak(double rate, int warmup) {
  TrainOptions options;
  options.max_minutes = 0;
  options.learning_rate = rate;
  options.warmup_steps = warmup;
  return options;
}

TEST(Plan, TheRateRisesLinearlyAndFallsToATenth) {
  const Plan plan(with_peak(1, 10), 1000);
  EXPECT_NEAR(plan.learning_rate(0, 0), 0.1, 1e-12);
  EXPECT_NEAR(plan.learning_rate(9, 0), 1, 1e-12);
  EXPECT_NEAR(plan.learning_rate(999, 0), 0.1, 1e-12);
  for (std::int64_t step = 10; step < 999; ++step) {
    EXPECT_GE(plan.learning_rate(step, 0), plan.learning_rate(step + 1, 0));
  }
  const Plan shorter(with_peak(1, 500), 100);
  EXPECT_NEAR(shorter.learning_rate(9, 0), 1, 1e-12) << "the warm-up takes at most a tenth";
  EXPECT_GT(Plan(with_peak(1, 500), 1).learning_rate(0, 0), 0);
}

// Steps that turn out ten times slower after half of the time end the cosine at the same moment.
TEST(Plan, TheRateFollowsTheClock) {
  TrainOptions options = with_peak(1, 10);
  options.max_minutes = 1;
  Plan plan(options, 0);
  plan.reserve(10);
  double elapsed = 0, rate = 0;
  std::int64_t step = 0;
  for (; !plan.out_of_time(elapsed); ++step) {
    const double before = rate;
    rate = plan.learning_rate(step, elapsed);
    if (step > 10) EXPECT_LE(rate, before);
    elapsed += elapsed < 25 ? 0.05 : 0.5;
  }
  EXPECT_NEAR(elapsed, 50, 0.6);
  EXPECT_NEAR(rate, 0.1, 0.01);
  EXPECT_NEAR(plan.left_sec(step, elapsed, 0.5), 10, 0.6) << "what ending the run takes is part of its time";
}

TEST(Plan, AtMostATenthOfTheTimeWarmsUp) {
  TrainOptions options = with_peak(1, 1'000'000);
  options.max_minutes = 1;
  Plan plan(options, 0);
  plan.reserve(0);
  EXPECT_NEAR(plan.learning_rate(3, 3), 0.5, 0.02);
  EXPECT_NEAR(plan.learning_rate(6, 6), 1, 0.03);
}

TEST(Plan, TheLimitThatComesFirstEndsTheRun) {
  TrainOptions options = with_peak(1, 10);
  options.max_minutes = 1;
  Plan plan(options, 100);
  plan.reserve(0);
  EXPECT_FALSE(plan.out_of_steps(99));
  EXPECT_TRUE(plan.out_of_steps(100));
  EXPECT_FALSE(plan.out_of_time(59));
  EXPECT_TRUE(plan.out_of_time(60));
  EXPECT_DOUBLE_EQ(plan.left_sec(50, 10, 0.1), 5);
  EXPECT_DOUBLE_EQ(plan.left_sec(50, 10, 10), 50);
  EXPECT_DOUBLE_EQ(plan.left_sec(50, 70, 10), 0);
  EXPECT_NEAR(plan.learning_rate(99, 1), 0.1, 1e-12) << "by steps, where these are further";
  EXPECT_NEAR(plan.learning_rate(20, 60), 0.1, 1e-12) << "by the clock, where it is further";
}

TEST(Plan, ARunTrainsForHalfOfItsTimeWhateverItsEndCosts) {
  TrainOptions options = with_peak(1, 10);
  options.max_minutes = 1;
  Plan plan(options, 0);
  plan.reserve(1000);
  EXPECT_FALSE(plan.out_of_time(29));
}

TEST(AdamW, StepsAsTheFormulaSays) {
  std::vector<float> values = {1, -2}, gradient = {0.5, 0.25};
  AdamW optimizer;
  optimizer.add(values, true);
  const std::span<const float> gradients[] = {gradient};
  const double norm = optimizer.step(gradients, {0.1, 0.5, 0, 1});
  EXPECT_NEAR(norm, std::sqrt(0.25 + 0.0625), 1e-7);
  // With both moments corrected, the first step is the learning rate against the gradient's sign, plus the decay.
  EXPECT_NEAR(values[0], 1 * (1 - 0.05) - 0.1, 1e-6);
  EXPECT_NEAR(values[1], -2 * (1 - 0.05) - 0.1, 1e-6);
}

TEST(AdamW, GradientsThatAreNotFiniteChangeNothing) {
  std::vector<float> values = {1, -2}, gradient = {NAN, 0};
  AdamW optimizer;
  optimizer.add(values, true);
  const std::span<const float> gradients[] = {gradient};
  EXPECT_FALSE(std::isfinite(optimizer.step(gradients, {0.1, 0.5, 1, 1})));
  EXPECT_EQ(values, (std::vector<float>{1, -2}));
}

TEST(MetricsLog, ReadsBackWhatItWroteUpToAStep) {
  const auto path = std::filesystem::temp_directory_path() / ("continuo_metrics_" + std::to_string(getpid()) + ".csv");
  MetricsLog log;
  for (int step = 1; step <= 5; ++step) {
    MetricsRow row;
    row.step = step;
    row.loss = double(1.0F / float(step));
    log.add(row);
  }
  log.set_validation(1.5);
  ASSERT_TRUE(log.write_csv(path));
  const auto all = MetricsLog::read(path, 5), some = MetricsLog::read(path, 3);
  ASSERT_TRUE(all && some);
  ASSERT_EQ(all->rows().size(), 5U);
  EXPECT_EQ(some->rows().size(), 3U);
  EXPECT_EQ(float(all->rows()[2].loss), 1.0F / 3.0F) << "every bit of a float";
  EXPECT_EQ(all->rows()[4].validation_nll, 1.5);
  ASSERT_TRUE(write_file(path, "step\n1,2,3\n"));
  EXPECT_EQ(MetricsLog::read(path, 5).error().code, ErrorCode::malformed);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace continuo::train
