// Kernels of training on one thread, at the shapes of a Transformer of 512 features and 4096 tokens.
// Usage: continuo_kernels_bench --benchmark_filter=WeightGradient

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "continuo/base/rng.h"
#include "continuo/kernels/elementwise.h"
#include "continuo/kernels/embedding.h"
#include "continuo/kernels/head_norm.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/number_types.h"
#include "continuo/kernels/rotary.h"

namespace continuo::kernels {
namespace {

constexpr std::size_t kRows = 4096;
constexpr auto kForwardSide = WeightSide::kForward;
constexpr auto kGradientSide = WeightSide::kInputGradient;

template <typename Number>
std::vector<Number> random_numbers(std::size_t count) {
  Rng rng(count);
  std::vector<Number> numbers(count);
  for (auto& number : numbers) number = number_from<Number>(static_cast<float>(rng.uniform() - 0.5));
  return numbers;
}

// Products count multiplications and additions; what moves memory counts bytes that it reads and writes.
void count_operations(benchmark::State& state, std::size_t operations) {
  state.counters["flop/s"] =
      benchmark::Counter(static_cast<double>(operations), benchmark::Counter::kIsIterationInvariantRate);
}
void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

struct Shape {
  explicit Shape(const benchmark::State& state)
      : outputs(static_cast<std::size_t>(state.range(0))), inputs(static_cast<std::size_t>(state.range(1))) {}
  std::size_t outputs, inputs;
};

template <typename Number>
void Forward(benchmark::State& state) {
  const auto [outputs, inputs] = Shape(state);
  const auto x = random_numbers<Number>(kRows * inputs);
  const auto w = random_numbers<Number>(packed_size<Number>(outputs, inputs));
  std::vector<Number> y(kRows * outputs);
  LinearProduct<Number> call;
  call.rows = kRows;
  call.input = {x.data(), inputs};
  call.weights = {w.data(), outputs, inputs};
  call.output = {y.data(), outputs};
  for (auto _ : state) linear(call, {});
  count_operations(state, 2 * kRows * outputs * inputs);
}

template <typename Number>
void WeightGradients(benchmark::State& state) {
  const auto [outputs, inputs] = Shape(state);
  const auto dy = random_numbers<Number>(kRows * outputs), x = random_numbers<Number>(kRows * inputs);
  std::vector<float> dw(outputs * inputs);
  const WeightGradient<Number> call{
      kRows, outputs, inputs, {dy.data(), outputs}, {x.data(), inputs}, {dw.data(), inputs}};
  for (auto _ : state) weight_gradient(call, {});
  count_operations(state, 2 * kRows * outputs * inputs);
}

template <typename Number, WeightSide kSide>
void PackWeights(benchmark::State& state) {
  const auto [outputs, inputs] = Shape(state);
  const auto w = random_numbers<float>(outputs * inputs);
  const bool forward = kSide == WeightSide::kForward;
  std::vector<Number> packed(packed_size<Number>(forward ? outputs : inputs, forward ? inputs : outputs));
  for (auto _ : state) {
    pack_weights(kSide, outputs, inputs, w.data(), packed.data(), {});
    benchmark::DoNotOptimize(packed.data());
  }
  count_bytes(state, w.size() * (sizeof(float) + sizeof(Number)));
}

template <typename Number>
void Rotate(benchmark::State& state) {
  constexpr std::size_t kHeads = 8, kWidth = 64, kTime = 512;
  const RotaryTable table(kTime, kWidth);
  auto x = random_numbers<Number>(kRows * kHeads * kWidth);
  const Rotation<Number> call{kRows, kHeads, kWidth, kTime, 0, &table, false, {x.data(), kHeads * kWidth}};
  for (auto _ : state) rotate(call, {});
  count_bytes(state, 2 * x.size() * sizeof(Number));
}

template <typename Number>
void HeadNormForwardAndBackward(benchmark::State& state) {
  constexpr std::size_t kHeads = 8, kWidth = 64, kStride = kHeads * kWidth;
  const auto x = random_numbers<Number>(kRows * kStride);
  const std::vector<float> scale(kWidth, 1.0F);
  const HeadNormShape shape{kRows, kHeads, kWidth, scale.data(), 1e-5F};
  std::vector<Number> y(x.size());
  std::vector<float> inverses(kRows * kHeads), d_scale(kWidth);
  for (auto _ : state) {
    head_norm<Number>({shape, {x.data(), kStride}, {y.data(), kStride}, {inverses.data(), kHeads}});
    head_norm_gradient<Number>(
        {shape, {x.data(), kStride}, {inverses.data(), kHeads}, {y.data(), kStride}, d_scale.data()});
  }
  count_bytes(state, 5 * x.size() * sizeof(Number));
}

template <typename Number>
void GatedForwardAndBackward(benchmark::State& state) {
  constexpr std::size_t kWidth = 1408;
  const auto x = random_numbers<Number>(kRows * 2 * kWidth), dy = random_numbers<Number>(kRows * kWidth);
  std::vector<Number> y(kRows * kWidth), dx(kRows * 2 * kWidth);
  for (auto _ : state) {
    gated<Number>({kRows, kWidth, Activation::kSilu, {x.data(), 2 * kWidth}, {y.data(), kWidth}}, {});
    gated_gradient<Number>(
        {kRows, kWidth, Activation::kSilu, {x.data(), 2 * kWidth}, {dy.data(), kWidth}, {dx.data(), 2 * kWidth}}, {});
  }
  count_bytes(state, (x.size() * 2 + y.size() + dx.size() + dy.size()) * sizeof(Number));
}

struct Words {
  static constexpr std::size_t kCount = 512, kWidth = 512;
  Words() {
    Rng rng(1);
    for (auto& id : ids) id = static_cast<std::int64_t>(rng.below(kCount));
  }
  std::vector<std::int64_t> ids = std::vector<std::int64_t>(kRows);
  std::vector<float> table = random_numbers<float>(kCount * kWidth);
  std::vector<float> rows = random_numbers<float>(kRows * kWidth);
};

void Embed(benchmark::State& state) {
  Words words;
  const auto positions = random_numbers<float>(512 * Words::kWidth);
  const Embedding call{.rows = kRows,
                       .width = Words::kWidth,
                       .ids = words.ids.data(),
                       .words = {words.table.data(), Words::kWidth},
                       .time = 512,
                       .positions = {positions.data(), Words::kWidth},
                       .output = {words.rows.data(), Words::kWidth}};
  for (auto _ : state) embed(call, {});
  count_bytes(state, 2 * words.rows.size() * sizeof(float));
}

// One of as many parts as the argument says.
void EmbedGradient(benchmark::State& state) {
  Words words;
  const EmbeddingGradient call{.rows = kRows,
                               .width = Words::kWidth,
                               .words = Words::kCount,
                               .ids = words.ids.data(),
                               .gradient = {words.rows.data(), Words::kWidth},
                               .word_gradient = {words.table.data(), Words::kWidth}};
  const auto parts = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) embedding_gradient(call, {0, parts});
  count_bytes(state, words.rows.size() / parts * sizeof(float));
}

// Shape: {outputs, inputs}.
void layers(benchmark::internal::Benchmark* bench) {
  bench->Args({512, 512})->Args({2048, 512})->Args({512, 2048})->Unit(benchmark::kMillisecond);
}
BENCHMARK(Forward<float>)->Apply(layers);
BENCHMARK(Forward<Bf16>)->Apply(layers);
BENCHMARK(WeightGradients<float>)->Apply(layers);
BENCHMARK(WeightGradients<Bf16>)->Apply(layers);
BENCHMARK(PackWeights<float, kForwardSide>)->Args({512, 512})->Args({512, 2048})->Unit(benchmark::kMicrosecond);
BENCHMARK(PackWeights<Bf16, kForwardSide>)->Args({512, 512})->Args({512, 2048})->Unit(benchmark::kMicrosecond);
BENCHMARK(PackWeights<float, kGradientSide>)->Args({512, 512})->Args({512, 2048})->Unit(benchmark::kMicrosecond);
BENCHMARK(PackWeights<Bf16, kGradientSide>)->Args({512, 512})->Args({512, 2048})->Unit(benchmark::kMicrosecond);
BENCHMARK(Rotate<float>)->Unit(benchmark::kMicrosecond);
BENCHMARK(Rotate<Bf16>)->Unit(benchmark::kMicrosecond);
BENCHMARK(HeadNormForwardAndBackward<float>)->Unit(benchmark::kMicrosecond);
BENCHMARK(HeadNormForwardAndBackward<Bf16>)->Unit(benchmark::kMicrosecond);
BENCHMARK(GatedForwardAndBackward<float>)->Unit(benchmark::kMillisecond);
BENCHMARK(GatedForwardAndBackward<Bf16>)->Unit(benchmark::kMillisecond);
BENCHMARK(Embed)->Unit(benchmark::kMicrosecond);
BENCHMARK(EmbedGradient)->Arg(1)->Arg(2)->Arg(4)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace continuo::kernels
