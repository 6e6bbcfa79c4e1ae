#include "continuo/kernels/rotary.h"

#include <complex>

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class RotaryOnEveryIsa : public EveryIsa {};

constexpr std::size_t kRows = 21, kHeads = 3, kTime = 7, kOffset = 90, kPositions = 97;
constexpr std::size_t kParts = 4;

template <typename Number>
constexpr double kRounding = sizeof(Number) == sizeof(float) ? 3e-7 : 8e-3;

template <typename Number>
void turn(const Rotation<Number>& call) {
  for (std::size_t part = 0; part < kParts; ++part) rotate(call, {part, kParts});
}

template <typename Number>
void check_rotation(std::size_t head_width, std::size_t rotated) {
  constexpr double kBase = 500;
  Rng rng(head_width + rotated);
  const std::size_t stride = kHeads * head_width + 1;  // the last column must stay
  const RotaryTable table(kPositions, rotated, kBase);
  const auto x = as_numbers<Number>(random_floats(rng, kRows * stride));
  auto y = x;
  Rotation<Number> call{kRows, kHeads, head_width, kTime, kOffset, &table, false, {y.data(), stride}};
  turn(call);
  for (std::size_t at = 0; at < x.size(); ++at) {
    const std::size_t column = at % stride, feature = column % head_width, half = rotated / 2;
    if (column == stride - 1 || feature >= rotated) {
      ASSERT_EQ(y[at], x[at]) << head_width << ", " << rotated << " at " << at;
    } else if (feature < half) {
      const double turns = std::pow(kBase, -2.0 * static_cast<double>(feature) / static_cast<double>(rotated));
      const double angle = static_cast<double>(at / stride % kTime + kOffset) * turns;
      const auto pair = std::complex<double>(to_float(x[at]), to_float(x[at + half])) * std::polar(1.0, angle);
      ASSERT_NEAR(to_float(y[at]), pair.real(), kRounding<Number>) << head_width << ", " << rotated << " at " << at;
      ASSERT_NEAR(to_float(y[at + half]), pair.imag(), kRounding<Number>);
    }
  }
  call.inverse = true;
  turn(call);
  for (std::size_t at = 0; at < x.size(); ++at) ASSERT_NEAR(to_float(y[at]), to_float(x[at]), 2 * kRounding<Number>);
}

TEST_P(RotaryOnEveryIsa, Pairs_TurnAsComplexNumbersAndBack) {
  for (const std::size_t width : {2, 6, 8, 16, 18, 32, 34, 64, 66, 128}) {
    check_rotation<float>(width, width);
    check_rotation<Bf16>(width, width);
    check_rotation<float>(width, 2);
    check_rotation<Bf16>(width, width / 4 * 2);
  }
}

TEST_P(RotaryOnEveryIsa, Products_DependOnTheDistanceOnly) {
  constexpr std::size_t kWidth = 64;
  Rng rng(5);
  const RotaryTable table(kPositions, kWidth);
  const auto query = random_floats(rng, kWidth), key = random_floats(rng, kWidth);
  const auto product = [&](std::size_t query_position, std::size_t key_position) {
    auto q = query, k = key;
    rotate<float>({1, 1, kWidth, 1, query_position, &table, false, {q.data(), kWidth}}, {});
    rotate<float>({1, 1, kWidth, 1, key_position, &table, false, {k.data(), kWidth}}, {});
    double sum = 0;
    for (std::size_t i = 0; i < kWidth; ++i) sum += double{q[i]} * double{k[i]};
    return sum;
  };
  for (std::size_t shift = 1; shift < 80; shift += 13) EXPECT_NEAR(product(13 + shift, shift), product(13, 0), 1e-5);
  EXPECT_GT(std::abs(product(13, 0) - product(12, 0)), 1e-2);
}

INSTANTIATE_TEST_SUITE_P(Isas, RotaryOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
