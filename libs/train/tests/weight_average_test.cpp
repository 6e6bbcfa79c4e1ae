#include "optimiser/weight_average.h"

#include <gtest/gtest.h>

namespace continuo::train {
namespace {

using Floats = std::vector<float>;

Floats copy_of(std::span<const float> values) { return {values.begin(), values.end()}; }

TEST(WeightAverage, FollowsByTheSmallerOfTheDecayAndTheWarmUp) {
  struct Case {
    std::int64_t step;
    double decay, kept;
  };
  for (const Case& c : {Case{1, 0.9, 2.0 / 11}, Case{8, 0.9, 0.5}, Case{80, 0.9, 0.9}, Case{800, 0.9, 0.9},
                        Case{80, 0.999, 0.9}, Case{8, 0.25, 0.25}}) {
    Floats weights = {1, -2};
    WeightAverage average(c.decay);
    average.add(weights);
    weights = {3, 0};
    average.follow(c.step);
    EXPECT_NEAR(average.of(0)[0], c.kept * 1 + (1 - c.kept) * 3, 1e-6) << c.step;
    EXPECT_NEAR(average.of(0)[1], c.kept * -2, 1e-6) << c.step;
    EXPECT_EQ(weights, (Floats{3, 0}));
  }
}

TEST(WeightAverage, ExchangedItIsInTheWeightsPlace) {
  Floats a = {1, 2}, b = {3};
  WeightAverage average(0.5);
  average.add(a);
  average.add(b);
  a = {5, 6};
  b = {7};
  average.exchange();
  EXPECT_EQ(a, (Floats{1, 2}));
  EXPECT_EQ(b, (Floats{3}));
  EXPECT_EQ(copy_of(average.of(0)), (Floats{5, 6}));
  average.exchange();
  EXPECT_EQ(a, (Floats{5, 6}));
  EXPECT_EQ(copy_of(average.of(1)), (Floats{3}));
}

TEST(WeightAverage, WithoutADecayThereIsNone) {
  Floats weights = {1};
  WeightAverage average(0);
  average.add(weights);
  average.follow(1);
  EXPECT_TRUE(average.of(0).empty());
  average.exchange();
  EXPECT_EQ(weights, (Floats{1}));
}

}  // namespace
}  // namespace continuo::train
