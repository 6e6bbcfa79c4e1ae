#include "continuo/kernels/elementwise.h"

#include <limits>
#include <numeric>

#include "continuo/kernels/loss.h"
#include "continuo/kernels/norm.h"
#include "continuo/kernels/optimiser.h"

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class ElementwiseOnEveryIsa : public EveryIsa {};

constexpr std::size_t kParts = 3;

template <typename Number>
constexpr double kRounding = sizeof(Number) == sizeof(float) ? 2e-6 : 5e-3;

TEST_P(ElementwiseOnEveryIsa, Drop_FollowsTheRuleAndConverts) {
  Rng rng(1);
  const auto x = random_floats(rng, 10007);
  DropRule rule = drop_rule(0.4, 0xfedcba9876543210ULL);
  rule.first = 0xfffffff0U;
  std::vector<float> same(x.size()), wide(x.size());
  std::vector<Bf16> narrow(x.size());
  for (std::size_t part = 0; part < kParts; ++part) {
    drop<float, float>(rule, x, same.data(), {part, kParts});
    drop<float, Bf16>(rule, x, narrow.data(), {part, kParts});
  }
  drop<Bf16, float>({}, narrow, wide.data(), {});
  for (std::uint32_t i = 0; i < x.size(); ++i) {
    const float expected = x[i] * drop_factor(rule, i);
    ASSERT_EQ(same[i], expected) << i;
    ASSERT_EQ(narrow[i], to_bf16(expected)) << i;
    ASSERT_EQ(wide[i], to_float(narrow[i])) << i;
  }
}

// y of one row by the definition.
std::vector<double> normalised(const NormShape& shape, const float* x) {
  const auto width = static_cast<double>(shape.width);
  double mean = 0, variance = 0;
  for (std::size_t i = 0; shape.shift != nullptr && i < shape.width; ++i) mean += x[i] / width;
  for (std::size_t i = 0; i < shape.width; ++i) variance += (x[i] - mean) * (x[i] - mean) / width;
  std::vector<double> y(shape.width);
  for (std::size_t i = 0; i < shape.width; ++i) {
    y[i] = (x[i] - mean) / std::sqrt(variance + double{shape.epsilon}) * shape.scale[i] +
           (shape.shift != nullptr ? shape.shift[i] : 0.0F);
  }
  return y;
}

template <typename Number>
void check_norm(std::size_t rows, std::size_t width, bool centred) {
  Rng rng(rows + width);
  auto x = random_floats(rng, rows * width, 3);
  const auto scale = random_floats(rng, width), shift = random_floats(rng, width);
  const auto dy = as_numbers<Number>(random_floats(rng, rows * width));
  const auto wide_dy = random_floats(rng, rows * width), residual = random_floats(rng, rows * width);
  const NormShape shape{rows, width, scale.data(), centred ? shift.data() : nullptr};
  std::vector<Number> y(rows * width);
  std::vector<float> wide(rows * width), dx(rows * width), sums(norm_sums_size(shape)), d_scale(width), d_shift(width);
  std::vector<RowStatistics> statistics(rows);
  const NormForward<Number> forward{
      shape, {x.data(), width}, {y.data(), width}, {wide.data(), width}, statistics.data()};
  for (std::size_t part = 0; part < kParts; ++part) norm(forward, {part, kParts});
  const NormBackward<Number> backward{shape,
                                      {x.data(), width},
                                      statistics.data(),
                                      {dy.data(), width},
                                      {wide_dy.data(), width},
                                      {residual.data(), width},
                                      {dx.data(), width},
                                      sums.data()};
  for (std::size_t part = 0; part < kParts; ++part) norm_gradient(backward, {part, kParts});
  add_norm_sums(shape, sums.data(), d_scale.data(), d_shift.data());

  const auto gradient = [&](std::size_t i) { return double{to_float(dy[i])} + double{wide_dy[i]}; };
  std::vector<double> expected_scale(width, 0.0), expected_shift(width, 0.0);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto expected = normalised(shape, x.data() + row * width);
    for (std::size_t i = 0; i < width; ++i) {
      ASSERT_NEAR(wide[row * width + i], expected[i], 1e-5);
      ASSERT_NEAR(to_float(y[row * width + i]), expected[i], 3 * kRounding<Number> + 1e-5);
      const double plain = (expected[i] - (centred ? shift[i] : 0.0F)) / double{scale[i]};
      expected_scale[i] += gradient(row * width + i) * plain;
      expected_shift[i] += gradient(row * width + i);
    }
  }
  for (std::size_t i = 0; i < width; ++i) {
    ASSERT_NEAR(d_scale[i], expected_scale[i], 1e-3) << rows << "x" << width;
    ASSERT_NEAR(d_shift[i], expected_shift[i], 1e-3);
  }
  // A few places by differences of the definition.
  for (std::size_t at = 0; at < rows * width; at += 1 + rows * width / 7) {
    const std::size_t row = at / width;
    const auto weighted = [&](float value) {
      const float before = std::exchange(x[at], value);
      const auto out = normalised(shape, x.data() + row * width);
      x[at] = before;
      double sum = 0;
      for (std::size_t i = 0; i < width; ++i) sum += out[i] * gradient(row * width + i);
      return sum;
    };
    constexpr float kStep = 1.0F / 1024;
    const double slope = (weighted(x[at] + kStep) - weighted(x[at] - kStep)) / (2.0 * double{kStep});
    ASSERT_NEAR(dx[at], slope + residual[at], 4e-3) << rows << "x" << width << " at " << at;
  }
}

TEST_P(ElementwiseOnEveryIsa, Norm_ForwardAndBackwardEqualTheDefinition) {
  for (const std::size_t rows : {1, 3, 300}) {
    for (const std::size_t width : {2, 7, 16, 33, 128}) {
      for (const bool centred : {true, false}) {
        check_norm<float>(rows, width, centred);
        check_norm<Bf16>(rows, width, centred);
      }
    }
  }
}

template <typename Number>
void check_gated(std::size_t width, Activation activation) {
  constexpr std::size_t kRows = 7;
  Rng rng(width);
  const auto x = as_numbers<Number>(random_floats(rng, kRows * 2 * width, 4));
  const auto dy = as_numbers<Number>(random_floats(rng, kRows * width));
  const std::size_t stride = width + 1;  // the last column must stay
  std::vector<Number> y(kRows * stride), dx = x;
  const GatedForward<Number> forward{kRows, width, activation, {x.data(), 2 * width}, {y.data(), stride}};
  for (std::size_t part = 0; part < kParts; ++part) gated(forward, {part, kParts});
  const GatedBackward<Number> backward{
      kRows, width, activation, {dx.data(), 2 * width}, {dy.data(), width}, {dx.data(), 2 * width}};
  for (std::size_t part = 0; part < kParts; ++part) gated_gradient(backward, {part, kParts});
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t at = row * 2 * width + i;
      const double gate = to_float(x[at]), value = to_float(x[at + width]), d = to_float(dy[row * width + i]);
      ASSERT_NEAR(to_float(y[row * stride + i]), activate(activation, gate) * value, 16 * kRounding<Number>);
      ASSERT_NEAR(to_float(dx[at]), d * value * derivative(activation, gate), 4 * kRounding<Number>);
      ASSERT_NEAR(to_float(dx[at + width]), d * activate(activation, gate), 4 * kRounding<Number>);
    }
    ASSERT_EQ(y[row * stride + width], Number{});
  }
}

TEST_P(ElementwiseOnEveryIsa, Gated_OutputAndGradientEqualTheDefinition) {
  for (const std::size_t width : kOddLengths) {
    for (const auto activation : {Activation::kSilu, Activation::kGelu}) {
      check_gated<float>(width, activation);
      check_gated<Bf16>(width, activation);
    }
  }
}

template <typename Number>
void check_cross_entropy(std::size_t rows, std::size_t words, double smoothing) {
  Rng rng(words);
  const auto logits = random_floats(rng, rows * words, 20);
  std::vector<std::int64_t> targets(rows);
  for (auto& target : targets) target = static_cast<std::int64_t>(rng.below(words));
  std::vector<float> losses(rows);
  std::vector<Number> gradient(rows * words);
  const CrossEntropy<Number> call{
      rows, words, {logits.data(), words}, targets.data(), losses.data(), {gradient.data(), words}, float(smoothing)};
  for (std::size_t part = 0; part < kParts; ++part) cross_entropy(call, {part, kParts});
  for (std::size_t row = 0; row < rows; ++row) {
    double total = 0;
    for (std::size_t i = 0; i < words; ++i) total += std::exp(double{logits[row * words + i]});
    const auto target = static_cast<std::size_t>(targets[row]);
    double loss = 0;
    for (std::size_t i = 0; i < words; ++i) {
      const double share = std::exp(double{logits[row * words + i]}) / total;
      const double wanted = (i == target ? 1 - smoothing : 0) + smoothing / double(words);
      loss -= wanted * std::log(share);
      ASSERT_NEAR(to_float(gradient[row * words + i]), share - wanted, kRounding<Number>);
    }
    ASSERT_NEAR(losses[row], loss, 1e-5) << words << ' ' << smoothing;
  }
}

TEST_P(ElementwiseOnEveryIsa, CrossEntropy_LossAndGradientEqualTheDefinition) {
  for (const std::size_t words : {1, 2, 5, 31, 32, 388}) {
    for (const double smoothing : {0.0, 0.1, 0.5}) {
      check_cross_entropy<float>(7, words, smoothing);
      check_cross_entropy<Bf16>(7, words, smoothing);
    }
  }
}

TEST_P(ElementwiseOnEveryIsa, CrossEntropy_OfNotANumber_IsNotANumber) {
  for (const std::size_t place : {std::size_t{0}, std::size_t{13}, std::size_t{36}}) {
    std::vector<float> logits(37, 0.0F);
    logits[place] = std::numeric_limits<float>::quiet_NaN();
    const std::int64_t target = 5;
    float loss = 0;
    cross_entropy(CrossEntropy<float>{1, logits.size(), {logits.data(), logits.size()}, &target, &loss, {}}, {});
    EXPECT_TRUE(std::isnan(loss)) << place;
  }
}

TEST_P(ElementwiseOnEveryIsa, Adamw_StepsAsTheFormulaSays) {
  constexpr std::size_t kCount = 9001;
  Rng rng(3);
  auto values = random_floats(rng, kCount), first = random_floats(rng, kCount), gradient = random_floats(rng, kCount);
  auto second = random_floats(rng, kCount);
  for (float& moment : second) moment = std::abs(moment);
  const auto before = values, first_before = first, second_before = second;
  AdamwFactors f;
  f.gradient = 0.5F;
  f.decay = 0.99F;
  f.step_size = 0.01F;
  f.second_correction = 2.0F;
  for (std::size_t part = 0; part < kParts; ++part) {
    adamw({values, first.data(), second.data(), gradient.data()}, f, {part, kParts});
  }
  for (std::size_t i = 0; i < kCount; ++i) {
    const double g = 0.5 * double{gradient[i]};
    const double m = double{f.beta1} * first_before[i] + (1 - double{f.beta1}) * g;
    const double v = double{f.beta2} * second_before[i] + (1 - double{f.beta2}) * g * g;
    ASSERT_NEAR(first[i], m, 1e-6);
    ASSERT_NEAR(second[i], v, 1e-6);
    ASSERT_NEAR(values[i], before[i] * 0.99 - 0.01 * m / (std::sqrt(v * 2) + 1e-8), 1e-5);
  }
}

TEST_P(ElementwiseOnEveryIsa, SumOfSquares_IsTheSameForAnyNumberOfParts) {
  Rng rng(4);
  const auto values = random_floats(rng, 100003);
  std::vector<double> one(sum_of_squares_chunks(values.size())), many(one.size());
  sum_of_squares(values, one.data(), {});
  for (std::size_t part = 0; part < 5; ++part) sum_of_squares(values, many.data(), {part, 5});
  EXPECT_EQ(one, many);
  double expected = 0;
  for (const float value : values) expected += double{value} * double{value};
  EXPECT_NEAR(std::accumulate(one.begin(), one.end(), 0.0), expected, 1e-6 * expected);
}

INSTANTIATE_TEST_SUITE_P(Isas, ElementwiseOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
