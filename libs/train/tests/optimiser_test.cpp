#include "optimiser/optimiser.h"

#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "optimiser/schedule.h"

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
    if (step > 10) {
      EXPECT_LE(rate, before);
    }
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
  Optimiser optimizer;
  optimizer.add(values, true);
  const std::span<const float> gradients[] = {gradient};
  const double norm = optimizer.step(gradients, {.learning_rate = 0.1, .weight_decay = 0.5});
  EXPECT_NEAR(norm, std::sqrt(0.25 + 0.0625), 1e-7);
  // With both moments corrected, the first step is the learning rate against the gradient's sign, plus the decay.
  EXPECT_NEAR(values[0], 1 * (1 - 0.05) - 0.1, 1e-6);
  EXPECT_NEAR(values[1], -2 * (1 - 0.05) - 0.1, 1e-6);
}

TEST(AdamW, GradientsThatAreNotFiniteChangeNothing) {
  std::vector<float> values = {1, -2}, gradient = {NAN, 0};
  Optimiser optimizer;
  optimizer.add(values, true);
  const std::span<const float> gradients[] = {gradient};
  EXPECT_FALSE(
      std::isfinite(optimizer.step(gradients, {.learning_rate = 0.1, .weight_decay = 0.5, .gradient_clip = 1})));
  EXPECT_EQ(values, (std::vector<float>{1, -2}));
}

TEST(AdamW, ClipsTheNormOfAllGradientsTogether) {
  std::vector<float> a = {0}, b = {0}, ga = {3}, gb = {4};
  Optimiser optimizer;
  optimizer.add(a, false);
  optimizer.add(b, false);
  const std::span<const float> gradients[] = {ga, gb};
  EXPECT_NEAR(optimizer.step(gradients, {.learning_rate = 0.1, .gradient_clip = 1}), 5, 1e-6) << "before clipping";
  // Beta1 is 0.9: a first moment is a tenth of the clipped gradient.
  EXPECT_NEAR(optimizer.slots()[0].first_moment[0], 0.06, 1e-6);
  EXPECT_NEAR(optimizer.slots()[1].first_moment[0], 0.08, 1e-6);
  Optimiser unclipped;
  unclipped.add(a, false);
  unclipped.add(b, false);
  EXPECT_NEAR(unclipped.step(gradients, {.learning_rate = 0.1, .gradient_clip = 6}), 5, 1e-6);
  EXPECT_NEAR(unclipped.slots()[0].first_moment[0], 0.3, 1e-6) << "the norm is below the limit";
}

TEST(AdamW, LaterStepsCorrectTheMomentsForTheirStartAtZero) {
  std::vector<float> value = {0}, gradient = {2};
  Optimiser optimizer;
  optimizer.add(value, false);
  const std::span<const float> gradients[] = {gradient};
  // With a constant gradient the corrected moments are the gradient and its square: each step is the learning rate.
  for (std::int64_t step = 1; step <= 5; ++step) {
    optimizer.step(gradients, {.learning_rate = 0.1, .weight_decay = 0.5, .step = step});
    EXPECT_NEAR(value[0], -0.1 * static_cast<double>(step), 1e-5);
  }
}

TEST(AdamW, WithoutAGradientAParameterStays) {
  std::vector<float> a = {1}, b = {1}, gradient = {1};
  Optimiser optimizer;
  optimizer.add(a, true);
  optimizer.add(b, true);
  const std::span<const float> gradients[] = {{}, gradient};
  EXPECT_NEAR(optimizer.step(gradients, {.learning_rate = 0.1, .weight_decay = 0.5}), 1, 1e-6);
  EXPECT_EQ(a[0], 1);
  EXPECT_LT(b[0], 1);
}

TEST(Plan, WithoutALimitOfStepsTheRateStaysAtItsPeakUntilTheClockIsAhead) {
  const Plan plan(with_peak(2, 10), 0);
  EXPECT_NEAR(plan.learning_rate(4, 0), 1, 1e-12);
  EXPECT_EQ(plan.learning_rate(10, 0), 2);
  EXPECT_EQ(plan.learning_rate(1'000'000, 1e9), 2);
  EXPECT_FALSE(plan.out_of_steps(1'000'000'000));
  EXPECT_FALSE(plan.out_of_time(1e12));
}

TEST(Plan, TheCosineIsHalfDownInItsMiddle) {
  const Plan plan(with_peak(1, 100), 1001);
  EXPECT_NEAR(plan.learning_rate(99, 0), 1, 1e-12);
  EXPECT_NEAR(plan.learning_rate(100, 0), 1, 1e-12);
  EXPECT_NEAR(plan.learning_rate(550, 0), 0.55, 1e-12);
  EXPECT_NEAR(plan.learning_rate(775, 0), 0.1 + 0.9 * 0.5 * (1 - std::sqrt(0.5)), 1e-12);
  EXPECT_NEAR(plan.learning_rate(1000, 0), 0.1, 1e-12);
}

TEST(Plan, TheCosineEndsAtTheFinalShareOfThePeak) {
  for (const double final_share : {0.0, 0.25, 1.0}) {
    TrainOptions options = with_peak(2, 10);
    options.final_learning_rate = final_share;
    const Plan plan(options, 1000);
    EXPECT_NEAR(plan.learning_rate(10, 0), 2, 1e-12);
    EXPECT_NEAR(plan.learning_rate(999, 0), 2 * final_share, 1e-12);
  }
}

TEST(Plan, OneCycleRisesOverThreeTenthsAndFallsAlmostToZero) {
  TrainOptions options = with_peak(2, 50);  // it has no other warm-up
  options.schedule = "one_cycle";
  const Plan by_steps(options, 1001);
  options.max_minutes = 1;
  Plan by_clock(options, 0);
  by_clock.reserve(10);
  struct Case {
    double share, factor;
  };
  for (const Case& c : {Case{0, 0.04}, Case{0.15, 0.52}, Case{0.3, 1}, Case{0.65, 0.500002}, Case{1, 4e-6}}) {
    EXPECT_NEAR(by_steps.learning_rate(std::llround(c.share * 1000), 0), 2 * c.factor, 1e-9) << c.share;
    EXPECT_NEAR(by_clock.learning_rate(7, c.share * 50), 2 * c.factor, 1e-9) << c.share;
  }
}

TEST(Plan, ConstantHoldsThePeakUntilTheLastFifth) {
  TrainOptions options = with_peak(2, 10);
  options.schedule = "constant";
  options.final_learning_rate = 0.05;
  const Plan by_steps(options, 1001);
  EXPECT_NEAR(by_steps.learning_rate(0, 0), 0.2, 1e-12) << "the warm-up is that of the cosine";
  options.max_minutes = 1;
  Plan by_clock(options, 0);
  by_clock.reserve(10);
  EXPECT_NEAR(by_clock.learning_rate(3, 0.5), 0.8, 1e-12);
  struct Case {
    double share, factor;
  };
  for (const Case& c : {Case{0.2, 1}, Case{0.8, 1}, Case{0.9, 0.525}, Case{1, 0.05}}) {
    EXPECT_NEAR(by_steps.learning_rate(std::llround(c.share * 1000), 0), 2 * c.factor, 1e-9) << c.share;
    EXPECT_NEAR(by_clock.learning_rate(500, c.share * 50), 2 * c.factor, 1e-9) << c.share;
  }
}

TEST(Plan, OfTwoLimitsTheFurtherOneIsFollowedInEverySchedule) {
  for (const char* schedule : {"cosine", "one_cycle", "constant"}) {
    TrainOptions options = with_peak(1, 10);
    options.schedule = schedule;
    const Plan steps_alone(options, 101);
    options.max_minutes = 1;
    Plan both(options, 101), clock_alone(options, 0);
    both.reserve(10);
    clock_alone.reserve(10);
    EXPECT_EQ(both.learning_rate(95, 5), steps_alone.learning_rate(95, 0)) << schedule;
    EXPECT_EQ(both.learning_rate(20, 48), clock_alone.learning_rate(20, 48)) << schedule;
  }
}

TEST(Plan, ByDefaultATenthOfTheTimeIsKeptForTheEnd) {
  TrainOptions options = with_peak(1, 10);
  options.max_minutes = 10;
  const Plan plan(options, 0);
  EXPECT_FALSE(plan.out_of_time(539));
  EXPECT_TRUE(plan.out_of_time(540));
}

TEST(Plan, StepsByCountAreTheFewestThatALimitAllows) {
  struct Case {
    std::int64_t max_steps;
    double epochs;
    std::uint64_t batches;
    std::int64_t steps;
  };
  for (const Case& c : {Case{0, 0, 7, 0}, Case{5, 0, 7, 5}, Case{0, 2, 7, 14}, Case{5, 2, 7, 5}, Case{20, 2, 7, 14},
                        Case{0, 0.01, 7, 1}, Case{0, 0.5, 7, 4}}) {
    TrainOptions options;
    options.max_steps = c.max_steps;
    options.epochs = c.epochs;
    EXPECT_EQ(steps_by_count(options, c.batches), c.steps) << c.max_steps << ' ' << c.epochs;
  }
}

TEST(Muon, MovesEachMatrixByItsOrthogonalisedGradient) {
  constexpr std::size_t kColumns = 6;
  std::vector<float> values(6 * kColumns, 1), gradient(values.size());
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = std::sin(float(i * i));
  Optimiser optimizer;
  optimizer.add(values, true, {2, 4});
  EXPECT_TRUE(optimizer.slots()[0].second_moment.empty());
  const std::span<const float> gradients[] = {gradient};
  optimizer.step(gradients, {.learning_rate = 7, .muon_learning_rate = 0.1, .weight_decay = 0.5});

  for (const auto& [first, rows] : {std::pair<std::size_t, std::size_t>{0, 2}, {2, 4}}) {
    for (std::size_t a = first; a < first + rows; ++a) {
      double length = 0;
      for (std::size_t column = 0; column < kColumns; ++column)
        length += std::pow((0.95 - values[a * kColumns + column]) / 0.1, 2);
      EXPECT_NEAR(std::sqrt(length), 1, 0.35) << "row " << a << " of a matrix with rows at right angles";
    }
  }
}

TEST(Muon, TheSizeOfGradientsDoesNotMatter_OnlyTheirDirection) {
  const auto moved = [](float size) {
    std::vector<float> values(12), gradient = {1, -2, 3, 0.5, 0, 1, 2, 2, -1, 1, 1, 0};
    for (float& each : gradient) each *= size;
    Optimiser optimizer;
    optimizer.add(values, false, {3});
    const std::span<const float> gradients[] = {gradient};
    optimizer.step(gradients, {.muon_learning_rate = 0.1, .gradient_clip = 1});
    return values;
  };
  const auto small = moved(1e-3F), large = moved(1e3F);
  for (std::size_t i = 0; i < small.size(); ++i) EXPECT_NEAR(small[i], large[i], 1e-5);
}

TEST(Muon, GradientsThatAreNotFiniteChangeNothing) {
  std::vector<float> values = {1, -2, 3, 4}, gradient = {NAN, 0, 1, 1};
  Optimiser optimizer;
  optimizer.add(values, true, {2});
  const std::span<const float> gradients[] = {gradient};
  EXPECT_FALSE(std::isfinite(optimizer.step(gradients, {.muon_learning_rate = 0.1})));
  EXPECT_EQ(values, (std::vector<float>{1, -2, 3, 4}));
}

}  // namespace
}  // namespace continuo::train
