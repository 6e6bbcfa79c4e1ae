// One stream of a model with random weights: prefill and steps, by model and number of threads.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "continuo/base/platform/platform.h"
#include "continuo/base/rng.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/engine/model.h"

namespace continuo {
namespace {

constexpr int kVocabulary = 512;

std::shared_ptr<const engine::Model> random_model(const std::string& preset, const std::string& size) {
  auto config = *checkpoint::preset_config(preset, size);
  config.vocab_size = kVocabulary;
  Rng rng(1);
  std::vector<std::vector<float>> weights;
  std::map<std::string, checkpoint::TensorView> tensors;
  for (const auto& spec : checkpoint::tensor_specs(config)) {
    std::size_t count = 1;
    for (const auto extent : spec.shape) count *= static_cast<std::size_t>(extent);
    auto& values = weights.emplace_back(count);
    for (auto& value : values) value = static_cast<float>(rng.uniform() - 0.5) * 0.08f;
    tensors[spec.name] = {checkpoint::DType::kF32,
                          spec.shape,
                          {reinterpret_cast<const std::uint8_t*>(values.data()), count * sizeof(float)}};
  }
  const auto path =
      std::filesystem::temp_directory_path() / ("continuo-bench-" + platform::unique_suffix() + ".safetensors");
  if (!checkpoint::write_checkpoint(path, config, {{"name", "none"}}, {}, tensors).ok()) return nullptr;
  const auto opened = checkpoint::Checkpoint::open(path);
  std::filesystem::remove(path);
  const auto model = engine::Model::load(*opened);
  return model.ok() ? *model : nullptr;
}

void step(benchmark::State& state, const std::string& preset, const std::string& size) {
  const auto model = random_model(preset, size);
  if (!model) return state.SkipWithError("the model cannot be made");
  ThreadPool threads(static_cast<int>(state.range(0)));
  const auto session = engine::Session::start(model, threads);
  TokenId token = 4;
  for (auto _ : state) {
    if (session->full()) session->reset();
    const auto logits = session->step(token);
    token = logits[7] > 0 ? 5 : 6;
  }
  state.SetItemsProcessed(state.iterations());
}

void prefill(benchmark::State& state, const std::string& preset, const std::string& size) {
  const auto model = random_model(preset, size);
  if (!model) return state.SkipWithError("the model cannot be made");
  ThreadPool threads(static_cast<int>(state.range(0)));
  const auto session = engine::Session::start(model, threads);
  const std::vector<TokenId> prompt(1000, 9);
  for (auto _ : state) {
    session->reset();
    benchmark::DoNotOptimize(session->prefill(prompt));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(prompt.size()));
}

BENCHMARK_CAPTURE(step, gpt2_base, "gpt2", "base")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK_CAPTURE(step, gpt2_small, "gpt2", "small")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK_CAPTURE(step, lstm_base, "lstm", "base")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK_CAPTURE(prefill, gpt2_base, "gpt2", "base")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace continuo
