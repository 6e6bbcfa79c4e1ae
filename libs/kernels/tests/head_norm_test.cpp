#include "continuo/kernels/head_norm.h"

#include <utility>

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class HeadNormOnEveryIsa : public EveryIsa {};

template <typename Number>
constexpr double kRounding = sizeof(Number) == sizeof(float) ? 2e-6 : 1.6e-2;

// One head by the definition.
std::vector<double> normalised(const HeadNormShape& shape, const float* x) {
  double mean_square = 0;
  for (std::size_t i = 0; i < shape.head_width; ++i) {
    mean_square += double{x[i]} * double{x[i]} / static_cast<double>(shape.head_width);
  }
  std::vector<double> y(shape.head_width);
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = double{x[i]} / std::sqrt(mean_square + double{shape.epsilon}) * double{shape.scale[i]};
  }
  return y;
}

// Heads in the middle of wider rows, as queries and keys lie among each other.
template <typename Number>
struct Heads {
  Heads(std::size_t rows, std::size_t heads, std::size_t width)
      : rng(rows + heads + width),
        scale(random_floats(rng, width)),
        shape{rows, heads, width, scale.data(), 1e-3F},
        stride(heads * width + kBefore + kAfter),
        x(as_numbers<Number>(random_floats(rng, rows * stride, 3))) {}

  static constexpr std::size_t kBefore = 3, kAfter = 1;  // columns that must stay
  Matrix<Number> view(std::vector<Number>& of) const { return {of.data() + kBefore, stride}; }
  bool is_outside(std::size_t at) const { return at % stride < kBefore || at % stride >= stride - kAfter; }
  // The head of row and number `head`, as floats.
  std::vector<float> head_of(std::vector<Number>& of, std::size_t row, std::size_t head) const {
    const Number* begin = view(of).row(row) + head * shape.head_width;
    std::vector<float> values(shape.head_width);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = to_float(begin[i]);
    return values;
  }

  Rng rng;
  std::vector<float> scale;
  HeadNormShape shape;
  std::size_t stride;
  std::vector<Number> x;
};

template <typename Number>
void check_forward(std::size_t rows, std::size_t heads, std::size_t width) {
  Heads<Number> h(rows, heads, width);
  auto y = h.x;
  std::vector<float> inverses(rows * heads);
  head_norm<Number>({h.shape, h.view(h.x), h.view(y), {inverses.data(), heads}});
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t head = 0; head < heads; ++head) {
      const auto expected = normalised(h.shape, h.head_of(h.x, row, head).data());
      const auto actual = h.head_of(y, row, head);
      for (std::size_t i = 0; i < width; ++i) ASSERT_NEAR(actual[i], expected[i], kRounding<Number>) << width;
    }
  }
  for (std::size_t at = 0; at < y.size(); ++at) {
    if (h.is_outside(at)) {
      ASSERT_EQ(y[at], h.x[at]) << width;
    }
  }
  auto in_place = h.x;
  head_norm<Number>({h.shape, h.view(in_place), h.view(in_place), {}});
  EXPECT_EQ(in_place, y) << width;
}

TEST_P(HeadNormOnEveryIsa, Forward_EqualsTheDefinitionAlsoInPlace) {
  for (const std::size_t width : {1, 2, 7, 8, 16, 18, 32, 33, 64, 128}) {
    check_forward<float>(5, 3, width);
    check_forward<Bf16>(5, 3, width);
  }
}

// The gradient of sum(y d) by differences of the definition in double precision.
double slope(const HeadNormShape& shape, std::vector<float> x, const std::vector<float>& d, std::size_t at) {
  constexpr float kStep = 1.0F / 1024;
  const auto weighted = [&](float value) {
    const float before = std::exchange(x[at], value);
    const auto y = normalised(shape, x.data());
    x[at] = before;
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * double{d[i]};
    return sum;
  };
  return (weighted(x[at] + kStep) - weighted(x[at] - kStep)) / (2.0 * double{kStep});
}

template <typename Number>
void check_backward(std::size_t rows, std::size_t heads, std::size_t width) {
  Heads<Number> h(rows, heads, width);
  auto d = as_numbers<Number>(random_floats(h.rng, rows * h.stride));
  auto y = h.x, dx = d;
  std::vector<float> inverses(rows * heads), d_scale(width, 99.0F);
  head_norm<Number>({h.shape, h.view(h.x), h.view(y), {inverses.data(), heads}});
  head_norm_gradient<Number>({h.shape, h.view(h.x), {inverses.data(), heads}, h.view(dx), d_scale.data()});
  std::vector<double> expected_scale(width);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t head = 0; head < heads; ++head) {
      const auto x_head = h.head_of(h.x, row, head), d_head = h.head_of(d, row, head);
      const auto expected = normalised(h.shape, x_head.data());
      const auto actual = h.head_of(dx, row, head);
      for (std::size_t i = 0; i < width; ++i) {
        expected_scale[i] += double{d_head[i]} * expected[i] / double{h.scale[i]};
        const double by_definition = slope(h.shape, x_head, d_head, i);
        ASSERT_NEAR(actual[i], by_definition, 1e-3 + (1e-3 + kRounding<Number>)*std::abs(by_definition)) << width;
      }
    }
  }
  for (std::size_t i = 0; i < width; ++i) ASSERT_NEAR(d_scale[i], expected_scale[i], 1e-4) << width;
  for (std::size_t at = 0; at < d.size(); ++at) {
    if (h.is_outside(at)) {
      ASSERT_EQ(dx[at], d[at]) << width;
    }
  }
}

TEST_P(HeadNormOnEveryIsa, Backward_EqualsDifferencesOfTheDefinition) {
  for (const std::size_t width : {2, 7, 8, 16, 18, 33, 64, 128}) {
    check_backward<float>(5, 3, width);
    check_backward<Bf16>(5, 3, width);
  }
}

// Scales of zero and heads of zeros are no special case.
TEST_P(HeadNormOnEveryIsa, Zeros_HaveFiniteValuesAndGradients) {
  constexpr std::size_t kWidth = 20;
  const std::vector<float> zeros(kWidth, 0.0F), ones(kWidth, 1.0F);
  for (const auto* scale : {&zeros, &ones}) {
    for (const auto* x : {&zeros, &ones}) {
      const HeadNormShape shape{1, 1, kWidth, scale->data(), 1e-5F};
      std::vector<float> y(kWidth), gradient = ones, d_scale(kWidth);
      float inverse = 0;
      head_norm<float>({shape, {x->data(), kWidth}, {y.data(), kWidth}, {&inverse, 1}});
      head_norm_gradient<float>({shape, {x->data(), kWidth}, {&inverse, 1}, {gradient.data(), kWidth}, d_scale.data()});
      for (std::size_t i = 0; i < kWidth; ++i) {
        EXPECT_NEAR(y[i], (*x)[i] * (*scale)[i], 1e-5);
        EXPECT_NEAR(d_scale[i], (*x)[i], 1e-5);
        EXPECT_TRUE(std::isfinite(gradient[i]));
      }
    }
  }
}

TEST_P(HeadNormOnEveryIsa, NotANumber_StaysInItsHead) {
  constexpr std::size_t kWidth = 20;
  const std::vector<float> scale(kWidth, 1.0F);
  std::vector<float> x(2 * kWidth, 0.5F);
  x[3] = std::nanf("");
  head_norm<float>({{1, 2, kWidth, scale.data(), 1e-5F}, {x.data(), 2 * kWidth}, {x.data(), 2 * kWidth}, {}});
  for (std::size_t i = 0; i < 2 * kWidth; ++i) EXPECT_EQ(std::isnan(x[i]), i < kWidth) << i;
}

INSTANTIATE_TEST_SUITE_P(Isas, HeadNormOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
