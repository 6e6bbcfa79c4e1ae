#include "continuo/train/benchmark.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>

#include <torch/torch.h>

#include "continuo/base/platform/platform.h"
#include "continuo/base/rng.h"
#include "continuo/base/statistics.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/kernels/peak.h"
#include "continuo/neural/parallel.h"
#include "continuo/neural/profile.h"
#include "continuo/neural/runtime.h"

#include "optimiser/trained_model.h"

namespace continuo::train {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 3> kModels = {"gpt", "small", "lstm"};
constexpr int kFewestSteps = 3;

struct Setup {
  checkpoint::ModelConfig config;
  std::int64_t batch;
};

Error invalid(const std::string& what) { return Error{ErrorCode::invalid_argument, what}; }

Result<Setup> setup_of(const BenchmarkOptions& options) {
  const std::string& model = options.model;
  const bool lstm = model == "lstm";
  CONTINUO_ASSIGN(auto config, checkpoint::preset_config(lstm ? "lstm" : "gpt2", model == "small" ? "small" : "base"));
  config.vocab_size = lstm ? 256 : 512;
  config.dropout = 0;
  config.positions = options.positions == "relative" ? checkpoint::Positions::kRelative
                     : options.positions == "rotary" ? checkpoint::Positions::kRotary
                                                     : checkpoint::Positions::kLearned;
  config.qk_norm = options.qk_norm;
  std::int64_t batch = lstm ? 64 : model == "small" ? 8 : 4;
  if (options.context > 0) {
    batch = std::max<std::int64_t>(1, batch * config.context_length / options.context);
    config.context_length = options.context;
  }
  CONTINUO_TRY(checkpoint::validate(config));
  return Setup{config, batch};
}

// Operations of a step's matrix products for each token: two for a weight, once forward and twice backward; attention
// has two products forward and five backward, each over half of the context.
double operations_per_token(const checkpoint::ModelConfig& config) {
  const double width = config.d_model, layers = config.n_layers, head = width * config.vocab_size;
  if (config.family == checkpoint::Family::kRecurrent) return 6 * (layers * 8 * width * width + head);
  const double weights = layers * (4 * width * width + 2 * width * config.d_ff) + head;
  return 6 * weights + layers * 7 * width * config.context_length;
}

Batch random_batch(const Setup& setup) {
  const std::int64_t time = setup.config.context_length, count = setup.batch * time;
  Rng rng(1);
  Batch batch;
  batch.inputs = torch::empty({setup.batch, time}, torch::kInt64);
  batch.targets = torch::empty({count}, torch::kInt64);
  batch.places = torch::arange(count, torch::kInt64);
  batch.count = count;
  for (auto* tokens : {batch.inputs.data_ptr<std::int64_t>(), batch.targets.data_ptr<std::int64_t>()}) {
    for (std::int64_t i = 0; i < count; ++i)
      tokens[i] = std::int64_t(rng.below(std::uint64_t(setup.config.vocab_size)));
  }
  return batch;
}

// All threads at once, as in training.
double peak_of_all(bool bf16) {
  std::vector<double> peaks(std::size_t(neural::kernel_threads().threads()), 0.0);
  neural::kernel_threads().run(
      [&](int thread) { peaks[std::size_t(thread)] = bf16 ? kernels::bf16_peak(100) : kernels::fp32_peak(100); });
  return std::accumulate(peaks.begin(), peaks.end(), 0.0);
}

// Seconds of each step.
Result<std::vector<double>> timed_steps(TrainedModel& model, const Batch& batch, double seconds, Progress& progress) {
  std::vector<double> steps;
  Optimiser::Update update;
  update.learning_rate = 1e-4;
  update.muon_learning_rate = 1e-3;
  update.weight_decay = 0.01;
  update.gradient_clip = 1;
  model.step(batch, 0, update);  // prepares memory and caches
  neural::start_profile();
  const auto begin = Clock::now();
  for (double spent = 0; spent < seconds || steps.size() < kFewestSteps;) {
    if (progress.stop_requested()) return Error{ErrorCode::interrupted, "the measurement was stopped"};
    const auto start = Clock::now();
    update.step += 1;
    model.step(batch, 0, update);
    steps.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    spent = std::chrono::duration<double>(Clock::now() - begin).count();
    progress.update(std::uint64_t(std::min(spent, seconds) * 10), std::uint64_t(seconds * 10), "");
  }
  return steps;
}

}  // namespace

std::span<const std::string_view> benchmark_models() { return kModels; }

Result<BenchmarkReport> benchmark(const BenchmarkOptions& options, Progress& progress) {
  if (std::find(kModels.begin(), kModels.end(), options.model) == kModels.end()) {
    return invalid("the benchmark's models are gpt, small and lstm, not '" + options.model + "'");
  }
  CONTINUO_ASSIGN(const auto wanted, neural::precision_from_string(options.precision));
  CONTINUO_ASSIGN(const Setup setup, setup_of(options));
  const auto runtime = neural::prepare_runtime(
      {options.threads > 0 ? options.threads : neural::default_threads(), wanted, options.kernels == "fused"});
  const bool bf16 = runtime.precision == neural::Precision::kBf16;
  TrainedModel model(setup.config, 1, {options.kernels == "fused", bf16, options.optimiser == "muon"});
  const Batch batch = random_batch(setup);
  const double peak_before = peak_of_all(bf16);
  CONTINUO_ASSIGN(const auto steps, timed_steps(model, batch, options.seconds, progress));

  BenchmarkReport report;
  report.isa = runtime.isa;
  report.model = options.model;
  report.positions = options.positions;
  report.optimiser = options.optimiser;
  report.qk_norm = options.qk_norm;
  report.context = setup.config.context_length;
  report.batch = setup.batch;
  report.precision = neural::to_string(runtime.precision);
  report.threads = runtime.threads;
  report.steps = int(steps.size());
  report.tokens_per_s = double(batch.count) / median(steps);
  report.tflops = report.tokens_per_s * operations_per_token(setup.config) * 1e-12;
  report.peak_tflops = std::max(peak_before, peak_of_all(bf16)) * 1e-12;
  report.peak_share = report.tflops / report.peak_tflops;
  report.peak_memory_bytes = platform::peak_resident_bytes();
  const double all = std::accumulate(steps.begin(), steps.end(), 0.0);
  for (const auto& [name, seconds] : neural::profile()) report.shares.emplace_back(name, seconds / all);
  return report;
}

}  // namespace continuo::train
