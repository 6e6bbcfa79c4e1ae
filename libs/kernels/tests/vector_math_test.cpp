#include <algorithm>
#include <limits>

#include "continuo/kernels/elementwise.h"
#include "continuo/kernels/norm.h"
#include "continuo/kernels/recurrent.h"

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class VectorMathOnEveryIsa : public EveryIsa {};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double reference(Function function, double x) {
  switch (function) {
    case Function::kExp:
      return std::exp(std::clamp(x, -87.0, 87.0));
    case Function::kTanh:
      return std::tanh(x);
    case Function::kSigmoid:
      return sigmoid(x);
    case Function::kErf:
      return std::erf(x);
    case Function::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case Function::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    case Function::kSilu:
      return x * sigmoid(x);
  }
  return x;
}

// The bounds that the header states.
double allowed(Function function, double x, double exact) {
  switch (function) {
    case Function::kExp:
      return 2e-7 * exact;
    case Function::kTanh:
      return 3e-7;
    case Function::kSigmoid:
      return 2e-7;
    case Function::kErf:
      return 6e-7;
    case Function::kGelu:
    case Function::kGeluTanh:
    case Function::kSilu:
      return 3e-7 * std::max(1.0, std::abs(x));
  }
  return 0;
}

constexpr Function kFunctions[] = {Function::kExp,  Function::kTanh,     Function::kSigmoid, Function::kErf,
                                   Function::kGelu, Function::kGeluTanh, Function::kSilu};

// Many numbers near zero, and some as far out as floats go.
std::vector<float> sample() {
  std::vector<float> x;
  for (int i = -400000; i <= 400000; ++i) x.push_back(static_cast<float>(i) * 2.5e-4F);
  for (int exponent = -126; exponent < 127; ++exponent) {
    for (const float mantissa : {1.0F, 1.37F, 1.99F}) {
      x.push_back(std::ldexp(mantissa, exponent));
      x.push_back(-std::ldexp(mantissa, exponent));
    }
  }
  x.push_back(0.0F);
  return x;
}

TEST_P(VectorMathOnEveryIsa, Functions_StayWithinTheirStatedErrors) {
  const std::vector<float> points = sample();
  for (const Function function : kFunctions) {
    auto values = points;
    map_in_place(function, values);
    double worst = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double x = points[i];
      // x^3 of gelu's tanh form leaves the floats far beyond any activation.
      if (function == Function::kGeluTanh && std::abs(x) > 1e12) continue;
      const double exact = reference(function, x);
      const double share = std::abs(values[i] - exact) / allowed(function, x, exact);
      ASSERT_LE(share, 1) << "function " << static_cast<int>(function) << " of " << x << " = " << values[i];
      worst = std::max(worst, share);
    }
    RecordProperty("worst_share_of_bound_" + std::to_string(static_cast<int>(function)), std::to_string(worst));
  }
}

// A diverged network must not look like a finite one.
TEST_P(VectorMathOnEveryIsa, Functions_OfNotANumber_AreNotNumbers) {
  for (const Function function : kFunctions) {
    std::vector<float> values(33, std::numeric_limits<float>::quiet_NaN());
    map_in_place(function, values);
    for (const float value : values) ASSERT_TRUE(std::isnan(value)) << "function " << static_cast<int>(function);
  }
}

TEST_P(VectorMathOnEveryIsa, Activations_OfNotANumber_AreNotNumbers) {
  for (const Activation activation : kActivations) {
    const std::vector<float> values(33, std::numeric_limits<float>::quiet_NaN());
    std::vector<float> out(values.size());
    activate<float>(activation, values, out.data(), {});
    for (const float value : out) ASSERT_TRUE(std::isnan(value)) << "activation " << static_cast<int>(activation);
  }
}

TEST_P(VectorMathOnEveryIsa, EveryLength_TouchesOnlyItsOwn) {
  Rng rng(1);
  for (const std::size_t length : kOddLengths) {
    auto values = random_floats(rng, length + 1, 3);
    const auto before = values;
    map_in_place(Function::kTanh, {values.data(), length});
    for (std::size_t i = 0; i < length; ++i) EXPECT_NEAR(values[i], std::tanh(double{before[i]}), 3e-7);
    EXPECT_EQ(values[length], before[length]);
  }
}

TEST_P(VectorMathOnEveryIsa, LayerNorm_EqualsDoubles) {
  Rng rng(2);
  for (const std::size_t width : kOddLengths) {
    auto input = random_floats(rng, width, 2);
    for (float& x : input) x += 5;
    const auto scale = random_floats(rng, width);
    const auto shift = random_floats(rng, width);
    std::vector<float> output(width + 1, 9);
    layer_norm({scale.data(), shift.data(), 1e-5F}, input.data(), output.data(), width);
    double mean = 0;
    for (const float x : input) mean += x;
    mean /= static_cast<double>(width);
    double variance = 0;
    for (const float x : input) variance += (x - mean) * (x - mean);
    variance /= static_cast<double>(width);
    for (std::size_t i = 0; i < width; ++i) {
      const double exact = (input[i] - mean) / std::sqrt(variance + 1e-5) * scale[i] + shift[i];
      EXPECT_NEAR(output[i], exact, 5e-6) << width;
    }
    EXPECT_EQ(output[width], 9);
    layer_norm({scale.data(), shift.data(), 1e-5F}, input.data(), input.data(), width);
    output.pop_back();
    EXPECT_EQ(input, output);
  }
}

TEST_P(VectorMathOnEveryIsa, LayerNorm_OfEqualNumbersIsTheShift) {
  const std::vector<float> input(37, 3.5F);
  const std::vector<float> scale(37, 2);
  const std::vector<float> shift(37, -1);
  std::vector<float> output(37);
  layer_norm({scale.data(), shift.data(), 1e-5F}, input.data(), output.data(), 37);
  for (const float y : output) EXPECT_NEAR(y, -1, 1e-3);
}

TEST_P(VectorMathOnEveryIsa, Softmax_EqualsDoublesAndSumsToOne) {
  Rng rng(3);
  for (const std::size_t length : kOddLengths) {
    auto values = random_floats(rng, length + 1, 20);
    const auto before = values;
    softmax({values.data(), length}, 0.3F);
    const double top = *std::max_element(before.begin(), before.end() - 1);
    double sum = 0;
    for (std::size_t i = 0; i < length; ++i) sum += std::exp((before[i] - top) * 0.3F);
    double total = 0;
    for (std::size_t i = 0; i < length; ++i) {
      EXPECT_NEAR(values[i], std::exp((before[i] - top) * 0.3F) / sum, 1e-6);
      total += values[i];
    }
    EXPECT_NEAR(total, 1, 1e-5);
    EXPECT_EQ(values[length], before[length]);
  }
}

TEST_P(VectorMathOnEveryIsa, Softmax_OfLargeNumbersStaysFinite) {
  std::vector<float> values = {-3e38F, 1e6F, 1e6F, -1e6F, 0};
  softmax(values, 1);
  EXPECT_NEAR(values[1], 0.5, 1e-6);
  EXPECT_NEAR(values[2], 0.5, 1e-6);
  EXPECT_NEAR(values[0], 0, 1e-30);
}

TEST_P(VectorMathOnEveryIsa, LstmCell_EqualsDoubles) {
  Rng rng(4);
  for (const std::size_t units : kOddLengths) {
    const auto gates = random_floats(rng, 4 * units, 4);
    auto cell = random_floats(rng, units + 1);
    const auto before = cell;
    std::vector<float> hidden_state(units + 1, 9);
    const float* g = gates.data();
    lstm_cell({g, g + units, g + 2 * units, g + 3 * units}, cell.data(), hidden_state.data(), units);
    for (std::size_t i = 0; i < units; ++i) {
      const double next = sigmoid(g[units + i]) * before[i] + sigmoid(g[i]) * std::tanh(double{g[2 * units + i]});
      EXPECT_NEAR(cell[i], next, 1e-6);
      EXPECT_NEAR(hidden_state[i], sigmoid(g[3 * units + i]) * std::tanh(next), 1e-6);
    }
    EXPECT_EQ(cell[units], before[units]);
    EXPECT_EQ(hidden_state[units], 9);
  }
}

TEST_P(VectorMathOnEveryIsa, GruCell_EqualsDoubles) {
  Rng rng(4);
  for (const std::size_t units : kOddLengths) {
    const auto gates = random_floats(rng, 4 * units, 4);
    auto state = random_floats(rng, units + 1);
    const auto before = state;
    const float* g = gates.data();
    gru_cell({g, g + units, g + 2 * units, g + 3 * units}, state.data(), units);
    for (std::size_t i = 0; i < units; ++i) {
      const double candidate = std::tanh(g[2 * units + i] + sigmoid(g[i]) * g[3 * units + i]);
      const double update = sigmoid(g[units + i]);
      EXPECT_NEAR(state[i], (1 - update) * candidate + update * before[i], 1e-6);
    }
    EXPECT_EQ(state[units], before[units]);
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, VectorMathOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
