// One LSTM layer in training on one thread: 512 units, 64 sequences of 512 steps. GF/s, and the share of what the same
// arithmetic reaches on registers, measured in the same run.

#include <cstddef>
#include <vector>

#include <benchmark/benchmark.h>

#include "continuo/base/rng.h"
#include "continuo/kernels/number_types.h"
#include "continuo/kernels/peak.h"
#include "continuo/kernels/recurrent.h"

namespace continuo {
namespace {

using namespace kernels;

constexpr SequenceShape kShape{512, 64, 512};
constexpr std::size_t kRows = kShape.time * kShape.batch, kUnits = kShape.hidden_size, kGates = kLstmGates * kUnits;
constexpr double kProduct = 2.0 * kRows * kGates * kUnits;  // operations of all steps with one matrix of weights

template <typename Number>
std::vector<Number> random_numbers(std::size_t count, double reach) {
  Rng rng(count);
  std::vector<Number> numbers(count);
  for (auto& number : numbers) number = number_from<Number>(static_cast<float>((rng.uniform() * 2 - 1) * reach));
  return numbers;
}

// Inputs are as wide as the layer; the same weights serve for them and for the recurrence.
template <typename Number>
struct Layer {
  std::vector<float> weights = random_numbers<float>(kGates * kUnits, 0.05), bias = std::vector<float>(kGates);
  std::vector<Number> packed_gates = std::vector<Number>(packed_gates_size<Number>(kLstmGates, kUnits));
  std::vector<Number> packed_forward = std::vector<Number>(packed_size<Number>(kGates, kUnits));
  std::vector<Number> packed_back = std::vector<Number>(packed_size<Number>(kUnits, kGates));
  std::vector<Number> input = random_numbers<Number>(kRows * kUnits, 1), gradient = input;
  std::vector<Number> gates = std::vector<Number>(kRows * kGates), projection_gradient = gates;
  std::vector<Number> output = std::vector<Number>(kRows * kUnits), input_gradient = output;
  std::vector<float> cells = std::vector<float>(kRows * kUnits);
  std::vector<float> weight_sums = std::vector<float>(kGates * kUnits), bias_sums = bias;

  void pack() {
    pack_gates(kLstmGates, kUnits, weights.data(), packed_gates.data(), {});
    pack_weights(WeightSide::kForward, kGates, kUnits, weights.data(), packed_forward.data(), {});
    pack_weights(WeightSide::kInputGradient, kGates, kUnits, weights.data(), packed_back.data(), {});
  }
  void project() {
    LinearProduct<Number> call;
    call.rows = kRows;
    call.input = {input.data(), kUnits};
    call.weights = {packed_forward.data(), kGates, kUnits};
    call.bias = bias.data();
    call.output = {gates.data(), kGates};
    linear(call, {});
  }
  void forward() {
    lstm<Number>({kShape, packed_gates.data(), {gates.data(), kGates}, {cells.data(), kUnits}, {output.data(), kUnits}},
                 {});
  }
  void backward() {
    LstmBackward<Number> call;
    call.shape = kShape;
    call.weights = packed_back.data();
    call.gates = {gates.data(), kGates};
    call.cells = {cells.data(), kUnits};
    call.gradient = {gradient.data(), kUnits};
    call.projection_gradient = {projection_gradient.data(), kGates};
    lstm_gradient(call, {});
  }
  void differentiate_weights(std::size_t first_row, const Number* rows, float* bias_gradient) {
    WeightGradient<Number> call;
    call.rows = kRows - first_row;
    call.outputs = kGates;
    call.inputs = kUnits;
    call.gradient = {projection_gradient.data() + first_row * kGates, kGates};
    call.input = {rows, kUnits};
    call.weights = {weight_sums.data(), kUnits};
    call.bias = bias_gradient;
    weight_gradient(call, {});
  }
  void differentiate_input() {
    LinearProduct<Number> call;
    call.rows = kRows;
    call.input = {projection_gradient.data(), kGates};
    call.weights = {packed_back.data(), kUnits, kGates};
    call.output = {input_gradient.data(), kUnits};
    linear(call, {});
  }
};

template <typename Number>
void report(benchmark::State& state, double operations) {
  const double peak = sizeof(Number) == sizeof(float) ? fp32_peak() : bf16_peak();
  const double total = operations * static_cast<double>(state.iterations());
  state.counters["GF/s"] = benchmark::Counter(total / 1e9, benchmark::Counter::kIsRate);
  state.counters["of_peak"] = benchmark::Counter(total / peak, benchmark::Counter::kIsRate);
}

template <typename Number>
void lstm_forward(benchmark::State& state) {
  Layer<Number> layer;
  layer.pack();
  layer.project();
  for (auto _ : state) layer.forward();
  report<Number>(state, kProduct);
}

template <typename Number>
void lstm_backward(benchmark::State& state) {
  Layer<Number> layer;
  layer.pack();
  layer.project();
  layer.forward();
  for (auto _ : state) layer.backward();
  report<Number>(state, kProduct);
}

// With projections, and the gradients of weights, biases and inputs.
template <typename Number>
void lstm_layer(benchmark::State& state) {
  Layer<Number> layer;
  for (auto _ : state) {
    layer.pack();
    layer.project();
    layer.forward();
    layer.backward();
    layer.differentiate_weights(0, layer.input.data(), layer.bias_sums.data());
    layer.differentiate_weights(kShape.batch, layer.output.data(), nullptr);
    layer.differentiate_input();
  }
  report<Number>(state, 6 * kProduct);
}

BENCHMARK_TEMPLATE(lstm_forward, float)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(lstm_forward, Bf16)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(lstm_backward, float)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(lstm_backward, Bf16)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(lstm_layer, float)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(lstm_layer, Bf16)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace continuo
