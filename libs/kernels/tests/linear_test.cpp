#include "continuo/kernels/linear.h"

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class LinearOnEveryIsa : public EveryIsa {};

template <typename Number>
constexpr double kRounding = sizeof(Number) == sizeof(float) ? 1e-7 : 4e-3;

template <typename Number>
std::vector<Number> random_numbers(Rng& rng, std::size_t count) {
  std::vector<Number> numbers(count);
  for (Number& number : numbers) number = number_from<Number>(static_cast<float>(rng.uniform() * 2 - 1));
  return numbers;
}

// A layer, its input and the gradient of its output, and what double precision makes of them.
template <typename Number>
struct Layer {
  Layer(std::size_t row_count, std::size_t in_count, std::size_t out_count)
      : rows(row_count), in(in_count), out(out_count) {
    Rng rng(rows * 10007 + in * 101 + out);
    // Weights that both number types hold exactly.
    for (const Bf16 weight : random_numbers<Bf16>(rng, out * in)) weights.push_back(to_float(weight));
    bias = random_floats(rng, out);
    x = random_numbers<Number>(rng, rows * in + 1);  // rows may be read as pairs
    dy = random_numbers<Number>(rng, rows * out + 1);
    residual = random_floats(rng, rows * std::max(in, out));
    pack(WeightSide::kForward, out, in, forward);
    pack(WeightSide::kInputGradient, in, out, backward);
  }

  void pack(WeightSide side, std::size_t outputs, std::size_t depth, std::vector<Number>& packed) {
    packed.resize(packed_size<Number>(outputs, depth));
    for (std::size_t part = 0; part < 3; ++part) pack_weights(side, out, in, weights.data(), packed.data(), {part, 3});
  }

  LinearProduct<Number> forward_call() const {
    LinearProduct<Number> call;
    call.rows = rows;
    call.input = {x.data(), in};
    call.weights = {forward.data(), out, in};
    call.bias = bias.data();
    return call;
  }

  double sum(std::size_t row, std::size_t column) const {
    double total = bias[column];
    for (std::size_t k = 0; k < in; ++k) total += double{weights[column * in + k]} * to_float(x[row * in + k]);
    return total;
  }
  double input_gradient(std::size_t row, std::size_t column) const {
    double total = 0;
    for (std::size_t o = 0; o < out; ++o) total += double{weights[o * in + column]} * to_float(dy[row * out + o]);
    return total;
  }
  double weight_gradient_at(std::size_t output, std::size_t input) const {
    double total = 0;
    for (std::size_t r = 0; r < rows; ++r)
      total += double{to_float(dy[r * out + output])} * to_float(x[r * in + input]);
    return total;
  }

  std::size_t rows, in, out;
  std::vector<float> weights, bias, residual;
  std::vector<Number> x, dy, forward, backward;
};

template <typename Number>
void in_parts(const LinearProduct<Number>& call) {
  for (std::size_t part = 0; part < 3; ++part) linear(call, {part, 3});
}

double tolerance(std::size_t terms, double rounding, double size, double steep = 1) {
  return steep * sum_tolerance(terms) + rounding * std::max(1.0, std::abs(size));
}

template <typename Number>
void check_forward(std::size_t rows, std::size_t in, std::size_t out, Activation activation) {
  const Layer<Number> layer(rows, in, out);
  std::vector<Number> result(rows * out), before(rows * out);
  std::vector<float> wide(rows * out);
  auto call = layer.forward_call();
  call.activation = activation;
  call.output = {result.data(), out};
  call.before_activation = {before.data(), out};
  call.wide_output = {wide.data(), out};
  call.residual = {layer.residual.data(), out};
  in_parts(call);
  for (std::size_t i = 0; i < rows * out; ++i) {
    const double sum = layer.sum(i / out, i % out), expected = activate(activation, sum) + layer.residual[i];
    const double steep = steepness(activation, sum);
    ASSERT_NEAR(wide[i], expected, tolerance(in, 1e-6, expected, steep))
        << rows << "x" << in << "x" << out << " at " << i;
    ASSERT_NEAR(to_float(result[i]), expected, tolerance(in, kRounding<Number>, expected, steep));
    ASSERT_NEAR(to_float(before[i]), sum, tolerance(in, kRounding<Number>, sum));
  }
}

template <typename Number>
void check_gradients(std::size_t rows, std::size_t in, std::size_t out, Activation activation) {
  const Layer<Number> layer(rows, in, out);
  std::vector<float> dx(rows * in), dw(out * in, 5.0F), db(out, 5.0F);
  LinearProduct<Number> call;
  call.rows = rows;
  call.input = {layer.dy.data(), out};
  call.weights = {layer.backward.data(), in, out};
  call.activation = activation;
  call.derivative_at = {layer.x.data(), in};
  call.wide_output = {dx.data(), in};
  in_parts(call);
  for (std::size_t i = 0; i < rows * in; ++i) {
    const double expected = layer.input_gradient(i / in, i % in) * derivative(call.activation, to_float(layer.x[i]));
    ASSERT_NEAR(dx[i], expected, tolerance(out, 2e-6, expected)) << rows << "x" << in << "x" << out << " at " << i;
  }
  WeightGradient<Number> gradient{rows,     out, in, {layer.dy.data(), out}, {layer.x.data(), in}, {dw.data(), in},
                                  db.data()};
  for (std::size_t part = 0; part < 3; ++part) weight_gradient(gradient, {part, 3});
  for (std::size_t i = 0; i < out * in; ++i) {
    ASSERT_NEAR(dw[i], layer.weight_gradient_at(i / in, i % in), sum_tolerance(rows))
        << rows << "x" << in << "x" << out;
  }
  for (std::size_t o = 0; o < out; ++o) {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += to_float(layer.dy[r * out + o]);
    ASSERT_NEAR(db[o], sum, sum_tolerance(rows));
  }
  gradient.accumulate = true;
  const auto once = dw;
  weight_gradient(gradient, {0, 1});
  for (std::size_t i = 0; i < out * in; ++i) ASSERT_NEAR(dw[i], 2 * once[i], 5 * sum_tolerance(rows));
}

const std::vector<std::array<std::size_t, 3>> kShapes = {{1, 1, 1},     {1, 2, 33},    {3, 5, 7},     {7, 33, 31},
                                                         {48, 32, 32},  {49, 64, 65},  {97, 17, 130}, {200, 96, 40},
                                                         {33, 1030, 5}, {520, 40, 50}, {601, 66, 34}};

TEST_P(LinearOnEveryIsa, OddShapes_ForwardEqualsDoubleSums) {
  for (const auto& [rows, in, out] : kShapes) {
    for (const Activation activation : kActivations) {
      check_forward<float>(rows, in, out, activation);
      if (in % 2 == 0) check_forward<Bf16>(rows, in, out, activation);
    }
  }
}

TEST_P(LinearOnEveryIsa, OddShapes_GradientsEqualDoubleSums) {
  for (const auto& [rows, in, out] : kShapes) {
    for (const Activation activation : kActivations) {
      check_gradients<float>(rows, in, out, activation);
      if (out % 2 == 0) check_gradients<Bf16>(rows, in, out, activation);
    }
  }
}

TEST_P(LinearOnEveryIsa, Dropout_DropsByTheRuleBeforeTheResidual) {
  const Layer<float> layer(50, 24, 70);
  std::vector<float> plain(50 * 70), dropped(50 * 70);
  auto call = layer.forward_call();
  call.wide_output = {plain.data(), 70};
  in_parts(call);
  call.dropout = drop_rule(0.3, 0x1234567890abcdefULL);
  call.residual = {layer.residual.data(), 70};
  call.wide_output = {dropped.data(), 70};
  in_parts(call);
  for (std::uint32_t i = 0; i < 50 * 70; ++i) {
    ASSERT_NEAR(dropped[i], plain[i] * drop_factor(call.dropout, i) + layer.residual[i], 1e-6) << i;
  }
}

TEST_P(LinearOnEveryIsa, AnyNumberOfParts_SameBits) {
  const Layer<float> layer(300, 70, 90);
  std::vector<float> one(300 * 90), many(300 * 90), one_dw(90 * 70), many_dw(90 * 70);
  auto call = layer.forward_call();
  call.wide_output = {one.data(), 90};
  linear(call, {0, 1});
  call.wide_output = {many.data(), 90};
  for (std::size_t part = 0; part < 7; ++part) linear(call, {part, 7});
  EXPECT_EQ(one, many);
  WeightGradient<float> gradient{300,    90, 70, {layer.dy.data(), 90}, {layer.x.data(), 70}, {one_dw.data(), 70},
                                 nullptr};
  weight_gradient(gradient, {0, 1});
  gradient.weights = {many_dw.data(), 70};
  for (std::size_t part = 0; part < 7; ++part) weight_gradient(gradient, {part, 7});
  EXPECT_EQ(one_dw, many_dw);
}

INSTANTIATE_TEST_SUITE_P(Isas, LinearOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
