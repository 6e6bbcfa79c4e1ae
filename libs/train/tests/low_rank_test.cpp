#include "optimiser/low_rank.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::train {
namespace {

// Queries, keys and values, of which two are narrower.
checkpoint::TensorSpec three_matrices() {
  return {.name = "layers.0.attention.qkv.weight", .shape = {70, 50}, .matrices = {40, 15, 15}};
}

float number(std::size_t i) { return std::sin(static_cast<float>(i * i % 1009)); }

std::vector<float> numbers(std::size_t count, std::size_t first) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = number(first + i);
  return values;
}

// The matrix to which a row of the tensor belongs.
std::size_t matrix_of(std::size_t row) { return row < 40 ? 0 : row < 55 ? 1 : 2; }

TEST(LowRankMatrices, BeginAsTheWeightsThemselves) {
  std::vector<float> weights = numbers(70 * 50, 1);
  const std::vector<float> before = weights;
  LowRankMatrices change(weights, three_matrices(), 4, 1);
  change.merge();
  EXPECT_EQ(weights, before);
  EXPECT_EQ(change.down_shape(), (std::vector<std::int64_t>{12, 50}));
  EXPECT_EQ(change.up_shape(), (std::vector<std::int64_t>{70, 4}));
  double most = 0, sum = 0;
  for (const float value : change.down()) most = std::max(most, std::abs(double(value))), sum += value;
  EXPECT_LE(most, 1 / std::sqrt(50.0));
  EXPECT_GT(most, 0.9 / std::sqrt(50.0));
  EXPECT_LT(std::abs(sum / double(change.down().size())), 0.02);

  weights[7] = 5;
  change.begin_with_weights();
  EXPECT_EQ(change.base()[7], 5);
}

TEST(LowRankMatrices, MergeAndProjectEachMatrixByItself) {
  for (const int rank : {1, 3, 15}) {
    std::vector<float> weights = numbers(70 * 50, 1);
    const std::vector<float> before = weights, gradient = numbers(70 * 50, 5000);
    LowRankMatrices change(weights, three_matrices(), rank, 1);
    const auto r = static_cast<std::size_t>(rank);
    for (std::size_t i = 0; i < change.up().size(); ++i) change.up()[i] = number(300 + i);
    change.merge();
    change.project(gradient);
    std::vector<double> down_gradient(3 * r * 50), up_gradient(70 * r);
    for (std::size_t row = 0; row < 70; ++row) {
      const std::size_t first = matrix_of(row) * r * 50;
      for (std::size_t column = 0; column < 50; ++column) {
        double sum = before[row * 50 + column];
        for (std::size_t k = 0; k < r; ++k) {
          const double up = change.up()[row * r + k], down = change.down()[first + k * 50 + column];
          sum += up * down;
          up_gradient[row * r + k] += double(gradient[row * 50 + column]) * down;
          down_gradient[first + k * 50 + column] += double(gradient[row * 50 + column]) * up;
        }
        EXPECT_NEAR(weights[row * 50 + column], sum, 1e-5);
      }
    }
    for (std::size_t i = 0; i < up_gradient.size(); ++i) EXPECT_NEAR(change.up_gradient()[i], up_gradient[i], 1e-4);
    for (std::size_t i = 0; i < down_gradient.size(); ++i)
      EXPECT_NEAR(change.down_gradient()[i], down_gradient[i], 1e-4);
  }
}

TEST(LowRankMatrices, TheLargestRankIsTheSmallestSide) {
  EXPECT_EQ(LowRankMatrices::largest_rank(three_matrices()), 15);
  EXPECT_EQ(LowRankMatrices::largest_rank({.name = "fc2", .shape = {64, 16}, .matrices = {64}}), 16);
}

}  // namespace
}  // namespace continuo::train
