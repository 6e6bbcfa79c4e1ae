#include <cmath>
#include <filesystem>
#include <numeric>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/dataset/windows.h"
#include "continuo/tokens/vocabulary.h"

#include "adamw.h"
#include "masking.h"
#include "metrics_log.h"
#include "schedule.h"

namespace continuo::train {
namespace {

TEST(Schedule, RisesLinearlyAndFallsToATenth) {
  TrainOptions options;
  options.learning_rate = 1;
  options.warmup_steps = 10;
  EXPECT_NEAR(learning_rate(options, 0, 1000), 0.1, 1e-12);
  EXPECT_NEAR(learning_rate(options, 9, 1000), 1, 1e-12);
  EXPECT_NEAR(learning_rate(options, 999, 1000), 0.1, 1e-12);
  for (std::int64_t step = 10; step < 999; ++step) {
    EXPECT_GE(learning_rate(options, step, 1000), learning_rate(options, step + 1, 1000));
  }
  options.warmup_steps = 500;
  EXPECT_NEAR(learning_rate(options, 9, 100), 1, 1e-12) << "the warm-up takes at most a tenth";
  EXPECT_GT(learning_rate(options, 0, 1), 0);
}

TEST(Planner, FixesTheStepsOfAMinuteFromTheFirst) {
  TrainOptions options;
  options.max_minutes = 1;
  Planner planner(options, 0, 0);
  std::int64_t planned = 0, steps = 0;
  while (planned == 0 && steps < 100) {
    ++steps;
    planned = planner.after_step(steps, steps == 1 ? 0.5 : 0.1, 0.4 + 0.1 * double(steps));
  }
  EXPECT_EQ(steps, 12);
  EXPECT_NEAR(double(planned), 12 + (60 - 1.6) * 0.9 / 0.1, 1.5);
}

TEST(Planner, SlowStepsAreEnoughSooner) {
  TrainOptions options;
  options.max_minutes = 1;
  Planner planner(options, 0, 0);
  EXPECT_EQ(planner.after_step(1, 5, 5), 0);
  EXPECT_EQ(planner.after_step(2, 5, 10), 0);
  EXPECT_EQ(planner.after_step(3, 5, 15), 3 + 8);
}

TEST(Masking, ShareAndTargetsFit) {
  constexpr std::size_t kLength = 400;
  std::size_t fixed = 0, most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (const MaskShare share : {MaskShare::kFixed15, MaskShare::kTraining}) {
      std::vector<std::int64_t> inputs(kLength), targets(kLength);
      std::iota(inputs.begin(), inputs.end(), 10);
      inputs[0] = tokens::kBos;
      const auto original = inputs;
      mask_window(share, Rng(seed), inputs, targets);
      std::size_t hidden = 0;
      for (std::size_t i = 0; i < kLength; ++i) {
        const bool is_hidden = inputs[i] == tokens::kMask;
        hidden += is_hidden;
        ASSERT_EQ(targets[i], is_hidden ? original[i] : dataset::kIgnore);
        ASSERT_TRUE(is_hidden || inputs[i] == original[i]);
      }
      ASSERT_EQ(inputs[0], tokens::kBos);
      ASSERT_GT(hidden, 0U);
      if (share == MaskShare::kFixed15) fixed += hidden;
      most = std::max(most, hidden);
    }
  }
  EXPECT_NEAR(double(fixed) / (200 * 399), 0.15, 0.001);
  EXPECT_GT(most, kLength * 9 / 10) << "composing starts from almost nothing";
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
