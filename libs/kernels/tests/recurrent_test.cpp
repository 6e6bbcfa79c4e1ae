#include "continuo/kernels/recurrent.h"

#include <algorithm>
#include <limits>

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class RecurrentOnEveryIsa : public EveryIsa {};

enum class Cell { kLstm, kGru };

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// A layer, its projections and the gradient of its output, in numbers that both types hold exactly, and what double
// precision makes of them. The loss whose gradients are meant is the sum of gradient * output.
struct Layer {
  Cell cell;
  SequenceShape shape;
  std::vector<double> weights, bias, projections;  // U [gates * hidden, hidden], c [hidden], [rows, gates * hidden]
  std::vector<double> gradient, wide_gradient;     // [rows, hidden] each
  std::vector<double> gates, cells, output;        // [rows, 4 * hidden], [rows, hidden]
  std::vector<double> projection_gradient;         // [rows, 4 * hidden]; of the LSTM and of the GRU
  std::vector<double> weight_gradient, bias_gradient;

  Layer(Cell of, SequenceShape extents) : cell(of), shape(extents) {
    Rng rng(shape.time * 10007 + shape.batch * 101 + shape.hidden_size);
    const auto numbers = [&](std::size_t count, double reach) {
      std::vector<double> exact;
      for (const float value : random_floats(rng, count, reach)) exact.push_back(to_float(to_bf16(value)));
      return exact;
    };
    const std::size_t hidden = shape.hidden_size;
    weights = numbers(gate_count() * hidden * hidden, 3 / std::sqrt(static_cast<double>(hidden)));
    bias = numbers(hidden, 1);
    projections = numbers(rows() * gate_count() * hidden, 2);
    gradient = numbers(rows() * hidden, 1);
    wide_gradient = numbers(rows() * hidden, 1);
    forward();
    backward();
  }

  std::size_t rows() const { return shape.time * shape.batch; }
  std::size_t gate_count() const { return cell == Cell::kLstm ? kLstmGates : kGruGates; }
  double before(const std::vector<double>& of, std::size_t row, std::size_t unit) const {
    return row < shape.batch ? 0.0 : of[(row - shape.batch) * shape.hidden_size + unit];
  }

  void forward() {
    gates.assign(rows() * 4 * shape.hidden_size, 0);
    cells.assign(rows() * shape.hidden_size, 0);
    output.assign(rows() * shape.hidden_size, 0);
    for (std::size_t row = 0; row < rows(); ++row) {
      for (std::size_t unit = 0; unit < shape.hidden_size; ++unit) {
        double recurrent[4] = {}, projection[4] = {};
        for (std::size_t gate = 0; gate < gate_count(); ++gate) {
          const std::size_t line = gate * shape.hidden_size + unit;
          projection[gate] = projections[row * gate_count() * shape.hidden_size + line];
          for (std::size_t k = 0; k < shape.hidden_size; ++k) {
            recurrent[gate] += weights[line * shape.hidden_size + k] * before(output, row, k);
          }
        }
        double* kept = gates.data() + row * 4 * shape.hidden_size + unit;
        const std::size_t at = row * shape.hidden_size + unit;
        cell == Cell::kLstm ? lstm_unit(projection, recurrent, row, kept, at, unit)
                            : gru_unit(projection, recurrent, row, kept, at, unit);
      }
    }
  }

  void lstm_unit(const double* a, const double* u, std::size_t row, double* kept, std::size_t at, std::size_t unit) {
    const double i = sigmoid(a[0] + u[0]), f = sigmoid(a[1] + u[1]), g = std::tanh(a[2] + u[2]),
                 o = sigmoid(a[3] + u[3]);
    cells[at] = f * before(cells, row, unit) + i * g;
    output[at] = o * std::tanh(cells[at]);
    keep({i, f, g, o}, kept);
  }
  void gru_unit(const double* a, const double* u, std::size_t row, double* kept, std::size_t at, std::size_t unit) {
    const double r = sigmoid(a[0] + u[0]), z = sigmoid(a[1] + u[1]), m = u[2] + bias[unit];
    const double n = std::tanh(a[2] + r * m);
    output[at] = (1 - z) * n + z * before(output, row, unit);
    keep({r, z, n, m}, kept);
  }
  void keep(std::initializer_list<double> values, double* at) const {
    for (const double value : values) {
      *at = value;
      at += shape.hidden_size;
    }
  }

  double loss() const {
    double sum = 0;
    for (std::size_t i = 0; i < output.size(); ++i) sum += output[i] * (gradient[i] + wide_gradient[i]);
    return sum;
  }

  void backward() {
    projection_gradient.assign(gates.size(), 0);
    weight_gradient.assign(weights.size(), 0);
    bias_gradient.assign(shape.hidden_size, 0);
    std::vector<double> state(shape.batch * shape.hidden_size, 0), carried(state.size(), 0);
    for (std::size_t row = rows(); row-- > 0;) {
      double* states = state.data() + row % shape.batch * shape.hidden_size;
      for (std::size_t unit = 0; unit < shape.hidden_size; ++unit) {
        const std::size_t at = row * shape.hidden_size + unit;
        const double from_above = states[unit] + gradient[at] + wide_gradient[at];
        const double* kept = gates.data() + row * 4 * shape.hidden_size + unit;
        double* out = projection_gradient.data() + row * 4 * shape.hidden_size + unit;
        double& carry = carried[row % shape.batch * shape.hidden_size + unit];
        states[unit] = cell == Cell::kLstm ? lstm_gradients(kept, row, unit, from_above, carry, out)
                                           : gru_gradients(kept, row, unit, from_above, out);
      }
      for (std::size_t line = 0; line < gate_count() * shape.hidden_size; ++line) through_weights(row, line, states);
    }
  }

  double lstm_gradients(const double* kept, std::size_t row, std::size_t unit, double dh, double& carry, double* out) {
    const double i = kept[0], f = kept[shape.hidden_size], g = kept[2 * shape.hidden_size],
                 o = kept[3 * shape.hidden_size];
    const double squashed = std::tanh(cells[row * shape.hidden_size + unit]);
    const double dc = carry + dh * o * (1 - squashed * squashed);
    carry = dc * f;
    keep({dc * g * i * (1 - i), dc * before(cells, row, unit) * f * (1 - f), dc * i * (1 - g * g),
          dh * squashed * o * (1 - o)},
         out);
    return 0;
  }
  double gru_gradients(const double* kept, std::size_t row, std::size_t unit, double dh, double* out) {
    const double r = kept[0], z = kept[shape.hidden_size], n = kept[2 * shape.hidden_size],
                 m = kept[3 * shape.hidden_size];
    const double dn = dh * (1 - z) * (1 - n * n);
    keep({dn * m * r * (1 - r), dh * (before(output, row, unit) - n) * z * (1 - z), dn, dn * r}, out);
    bias_gradient[unit] += dn * r;
    return dh * z;
  }
  void through_weights(std::size_t row, std::size_t line, double* states) {
    const bool of_candidate = cell == Cell::kGru && line >= 2 * shape.hidden_size;
    const double gate_gradient =
        projection_gradient[row * 4 * shape.hidden_size + line + (of_candidate ? shape.hidden_size : 0)];
    for (std::size_t k = 0; k < shape.hidden_size; ++k) {
      states[k] += gate_gradient * weights[line * shape.hidden_size + k];
      weight_gradient[line * shape.hidden_size + k] += gate_gradient * before(output, row, k);
    }
  }
};

// A matrix of the kernels' numbers with unused ones at the end of each row.
template <typename Number>
struct Block {
  static constexpr std::size_t kUnused = 3;
  static constexpr float kMark = 77;
  std::size_t rows, width;
  std::vector<Number> numbers;

  // Not numbers at first, so that whatever reads what was never written shows.
  Block(std::size_t row_count, std::size_t column_count)
      : rows(row_count),
        width(column_count),
        numbers(rows * stride(), number_from<Number>(std::numeric_limits<float>::quiet_NaN())) {
    for (std::size_t row = 0; row < rows; ++row) {
      std::fill_n(numbers.begin() + static_cast<std::ptrdiff_t>(row * stride() + width), kUnused,
                  number_from<Number>(kMark));
    }
  }
  Block(std::size_t row_count, std::size_t column_count, const std::vector<double>& values)
      : Block(row_count, column_count) {
    const std::size_t given = values.size() / rows;
    for (std::size_t i = 0; i < values.size(); ++i) {
      numbers[i / given * stride() + i % given] = number_from<Number>(static_cast<float>(values[i]));
    }
  }

  std::size_t stride() const { return width + kUnused; }
  Matrix<Number> matrix() { return {numbers.data(), stride()}; }
  Matrix<const Number> matrix() const { return {numbers.data(), stride()}; }
  bool only_rows_written() const {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (i % stride() >= width && to_float(numbers[i]) != kMark) return false;
    }
    return true;
  }
};

// Root mean square of the difference, relative to that of the expected numbers.
template <typename Number>
double difference(const Block<Number>& got, const std::vector<double>& expected) {
  double error = 0, size = 1e-30;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double value = to_float(got.numbers[i / got.width * got.stride() + i % got.width]);
    error += (value - expected[i]) * (value - expected[i]);
    size += expected[i] * expected[i];
  }
  return std::sqrt(error / size);
}

std::vector<float> floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }

// How the kernels are called.
struct Calls {
  std::size_t parts = 3;
  bool narrow = true, wide = true;  // which gradients of the output are given
  bool in_place = false;            // gradients of projections in the memory of the gates
};

template <typename Number>
struct Answer {
  Block<Number> gates, output, projection_gradient;
  Block<float> cells;

  explicit Answer(const Layer& layer)
      : gates(layer.rows(), 4 * layer.shape.hidden_size, layer.projections),
        output(layer.rows(), layer.shape.hidden_size),
        projection_gradient(layer.rows(), 4 * layer.shape.hidden_size),
        cells(layer.rows(), layer.shape.hidden_size) {}
};

template <typename Number>
void run_forward(const Layer& layer, const Calls& calls, Answer<Number>& answer) {
  const std::size_t hidden = layer.shape.hidden_size, gates = layer.gate_count();
  const auto weights = floats(layer.weights), bias = floats(layer.bias);
  std::vector<Number> packed(packed_gates_size<Number>(gates, hidden));
  for (std::size_t part = 0; part < 2; ++part) pack_gates(gates, hidden, weights.data(), packed.data(), {part, 2});
  for (std::size_t part = 0; part < calls.parts; ++part) {
    const Part some{part, calls.parts};
    if (layer.cell == Cell::kLstm) {
      lstm<Number>({layer.shape, packed.data(), answer.gates.matrix(), answer.cells.matrix(), answer.output.matrix()},
                   some);
    } else {
      gru<Number>({layer.shape, packed.data(), bias.data(), answer.gates.matrix(), answer.output.matrix()}, some);
    }
  }
}

template <typename Number>
void run_backward(const Layer& layer, const Calls& calls, Answer<Number>& answer) {
  const std::size_t hidden = layer.shape.hidden_size, gates = layer.gate_count();
  const auto weights = floats(layer.weights);
  const Block<Number> gradient(layer.rows(), hidden, layer.gradient);
  const Block<float> wide(layer.rows(), hidden, layer.wide_gradient);
  std::vector<Number> packed(packed_size<Number>(hidden, gates * hidden));
  pack_weights(WeightSide::kInputGradient, gates * hidden, hidden, weights.data(), packed.data(), {0, 1});
  const Matrix<const Number> kept{answer.gates.numbers.data(), answer.gates.stride()};
  const Matrix<const Number> output{answer.output.numbers.data(), answer.output.stride()};
  const Matrix<const float> cells{answer.cells.numbers.data(), answer.cells.stride()};
  const auto narrow_gradient = calls.narrow ? gradient.matrix() : Matrix<const Number>{};
  const auto wide_gradient = calls.wide ? wide.matrix() : Matrix<const float>{};
  const auto to = calls.in_place ? answer.gates.matrix() : answer.projection_gradient.matrix();
  for (std::size_t part = 0; part < calls.parts; ++part) {
    const Part some{part, calls.parts};
    if (layer.cell == Cell::kLstm) {
      lstm_gradient<Number>({layer.shape, packed.data(), kept, cells, narrow_gradient, wide_gradient, to}, some);
    } else {
      gru_gradient<Number>({layer.shape, packed.data(), kept, output, narrow_gradient, wide_gradient, to}, some);
    }
  }
}

// Leaves no numbers in the memory that the kernels keep for later calls.
void spoil_working_memory() {
  static Layer layer(Cell::kGru, {2, 60, 40});
  std::fill(layer.gradient.begin(), layer.gradient.end(), std::numeric_limits<double>::quiet_NaN());
  Answer<Bf16> answer(layer);
  run_forward(layer, {1}, answer);
  run_backward(layer, {1}, answer);
}

template <typename Number>
Answer<Number> solve(const Layer& layer, const Calls& calls = {}) {
  Answer<Number> answer(layer);
  spoil_working_memory();
  run_forward(layer, calls, answer);
  spoil_working_memory();
  run_backward(layer, calls, answer);
  return answer;
}

// The gradients of U and c as the header says that callers make them.
template <typename Number>
void check_weight_gradients(const Layer& layer, const Answer<Number>& answer, double tolerance,
                            const std::string& what) {
  const std::size_t hidden = layer.shape.hidden_size, batch = layer.shape.batch;
  const bool is_gru = layer.cell == Cell::kGru;
  Block<float> weights(layer.gate_count() * hidden, hidden), bias(1, hidden);
  WeightGradient<Number> call;
  call.rows = layer.rows() - batch;
  call.outputs = is_gru ? 2 * hidden : 4 * hidden;
  call.inputs = hidden;
  call.gradient = {answer.projection_gradient.matrix().row(batch), answer.projection_gradient.stride()};
  call.input = answer.output.matrix();
  call.weights = weights.matrix();
  weight_gradient(call, {0, 1});
  if (is_gru) {
    call.outputs = hidden;
    call.gradient.data += 3 * hidden;
    call.weights.data = weights.matrix().row(2 * hidden);
    weight_gradient(call, {0, 1});
    call.rows = layer.rows();
    call.inputs = 0;
    call.gradient.data = answer.projection_gradient.matrix().data + 3 * hidden;
    call.bias = bias.numbers.data();
    weight_gradient(call, {0, 1});
    EXPECT_LT(difference(bias, layer.bias_gradient), tolerance) << what;
  }
  EXPECT_LT(difference(weights, layer.weight_gradient), tolerance) << what;
}

template <typename Number>
void check(const Layer& layer) {
  const double tolerance = sizeof(Number) == sizeof(float) ? 3e-6 : 1e-2;
  const SequenceShape& shape = layer.shape;
  const std::string what = std::string(layer.cell == Cell::kLstm ? "LSTM" : "GRU") +
                           (sizeof(Number) == 2 ? ", bf16, " : ", fp32, ") + std::to_string(shape.time) + " steps, " +
                           std::to_string(shape.batch) + " sequences, " + std::to_string(shape.hidden_size) + " units";
  const Answer<Number> answer = solve<Number>(layer);
  EXPECT_LT(difference(answer.gates, layer.gates), tolerance) << what;
  EXPECT_LT(difference(answer.output, layer.output), tolerance) << what;
  EXPECT_LT(difference(answer.projection_gradient, layer.projection_gradient), tolerance) << what;
  if (layer.cell == Cell::kLstm) {
    EXPECT_LT(difference(answer.cells, layer.cells), tolerance) << what;
  }
  if (shape.time > 1) check_weight_gradients(layer, answer, tolerance, what);
  EXPECT_TRUE(answer.gates.only_rows_written() && answer.output.only_rows_written() &&
              answer.projection_gradient.only_rows_written() && answer.cells.only_rows_written())
      << what;
}

// {steps, sequences, units}
constexpr SequenceShape kShapes[] = {{1, 1, 1},  {9, 3, 1},  {1, 3, 5},    {6, 1, 5},   {3, 49, 32}, {5, 1, 33},
                                     {7, 3, 33}, {4, 3, 64}, {4, 49, 100}, {2, 200, 7}, {1, 49, 65}, {2, 2, 550}};

void check_all(Cell cell) {
  for (const SequenceShape& shape : kShapes) {
    const Layer layer(cell, shape);
    check<float>(layer);
    check<Bf16>(layer);
  }
}

TEST_P(RecurrentOnEveryIsa, Lstm_OddShapes_EqualsDoubleThroughTime) { check_all(Cell::kLstm); }
TEST_P(RecurrentOnEveryIsa, Gru_OddShapes_EqualsDoubleThroughTime) { check_all(Cell::kGru); }

template <typename Number>
void expect_same(const Answer<Number>& one, const Answer<Number>& other) {
  EXPECT_EQ(one.gates.numbers, other.gates.numbers);
  EXPECT_EQ(one.output.numbers, other.output.numbers);
  EXPECT_EQ(one.projection_gradient.numbers, other.projection_gradient.numbers);
}

template <typename Number>
void check_parts(Cell cell) {
  const Layer layer(cell, {4, 61, 45});
  const Answer<Number> one = solve<Number>(layer, {1});
  for (const std::size_t parts : {2, 7, 64}) expect_same(one, solve<Number>(layer, {parts}));
}

TEST_P(RecurrentOnEveryIsa, AnyNumberOfParts_SameBits) {
  for (const Cell cell : {Cell::kLstm, Cell::kGru}) {
    check_parts<float>(cell);
    check_parts<Bf16>(cell);
  }
}

TEST_P(RecurrentOnEveryIsa, GradientInPlaceOfTheGates_SameBits) {
  for (const Cell cell : {Cell::kLstm, Cell::kGru}) {
    const Layer layer(cell, {5, 50, 41});
    EXPECT_EQ(solve<float>(layer, {2, true, true, true}).gates.numbers,
              solve<float>(layer, {2}).projection_gradient.numbers);
  }
}

TEST_P(RecurrentOnEveryIsa, GradientInEitherType_SameBits) {
  for (const Cell cell : {Cell::kLstm, Cell::kGru}) {
    Layer layer(cell, {5, 4, 41});
    layer.wide_gradient = layer.gradient;
    expect_same(solve<Bf16>(layer, {1, true, false}), solve<Bf16>(layer, {1, false, true}));
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, RecurrentOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

// The derivative of the loss along one of the numbers that it depends on.
double derivative_along(Layer layer, std::vector<double> Layer::*numbers, std::size_t index) {
  constexpr double kStep = 1e-5;
  (layer.*numbers)[index] += kStep;
  layer.forward();
  const double above = layer.loss();
  (layer.*numbers)[index] -= 2 * kStep;
  layer.forward();
  return (above - layer.loss()) / (2 * kStep);
}

TEST(TrainingRecurrentReference, GradientsInDouble_EqualFiniteDifferences) {
  for (const Cell cell : {Cell::kLstm, Cell::kGru}) {
    const Layer layer(cell, {4, 2, 3});
    const std::size_t width = layer.gate_count() * layer.shape.hidden_size;
    for (std::size_t i = 0; i < layer.projections.size(); ++i) {
      const double got = layer.projection_gradient[i / width * 4 * layer.shape.hidden_size + i % width];
      ASSERT_NEAR(got, derivative_along(layer, &Layer::projections, i), 1e-8) << i;
    }
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
      ASSERT_NEAR(layer.weight_gradient[i], derivative_along(layer, &Layer::weights, i), 1e-8) << i;
    }
    for (std::size_t i = 0; i < layer.bias.size(); ++i) {
      ASSERT_NEAR(layer.bias_gradient[i], derivative_along(layer, &Layer::bias, i), 1e-8) << i;
    }
  }
}

}  // namespace
}  // namespace continuo::kernels
