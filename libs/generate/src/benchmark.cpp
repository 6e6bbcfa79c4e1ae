#include "continuo/generate/benchmark.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

#include "continuo/base/platform/platform.h"
#include "continuo/base/rng.h"
#include "continuo/base/statistics.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/generate/compose.h"
#include "continuo/kernels/isa.h"
#include "continuo/kernels/packed_matrix.h"
#include "continuo/kernels/peak.h"
#include "continuo/tokens/registry.h"

namespace continuo::generate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kTokenizer = "performance";
constexpr int kPasses = 3;  // at least
constexpr int kPrefillTokens = 1000;
constexpr int kComposedTokens = 512;
constexpr double kReadSeconds = 0.1;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return seconds_since(start);
}

Result<checkpoint::ModelConfig> config_of(std::string_view name) {
  const bool lstm = name == "lstm";
  const auto names = benchmark_models();
  if (std::find(names.begin(), names.end(), name) == names.end())
    return Error{ErrorCode::unsupported, "unknown network '" + std::string(name) + "'"};
  CONTINUO_ASSIGN(auto config, checkpoint::preset_config(lstm ? "lstm" : "gpt2", name == "small" ? "small" : "base"));
  CONTINUO_ASSIGN(const auto tokenizer, tokens::make_tokenizer(kTokenizer));
  config.vocab_size = tokenizer->vocabulary().size();
  return config;
}

// Reads memory of the model's size with the threads of a pool.
class MemoryReader {
 public:
  MemoryReader(std::size_t bytes, ThreadPool& threads)
      : numbers_(bytes / sizeof(float)), threads_(threads), sums_(std::size_t(threads.threads())) {
    std::fill_n(numbers_.data(), numbers_.size(), 1.0F);  // pages that nobody has written to are all the same one
  }

  // Each thread reads its share again and again. Units: bytes per second, of all threads.
  double measure() {
    std::vector<double> rates(sums_.size());
    threads_.run([&](int index) {
      const std::size_t parts = sums_.size(), part = std::size_t(index), count = numbers_.size();
      const std::size_t begin = count * part / parts, end = count * (part + 1) / parts;
      std::size_t rounds = 0;
      const auto start = Clock::now();
      for (; rounds == 0 || seconds_since(start) < kReadSeconds; ++rounds) {
        sums_[part] += kernels::read_numbers({numbers_.data() + begin, end - begin});
      }
      rates[part] = double(rounds * (end - begin) * sizeof(float)) / seconds_since(start);
    });
    return std::accumulate(rates.begin(), rates.end(), 0.0);
  }

 private:
  kernels::AlignedFloats numbers_;
  ThreadPool& threads_;
  std::vector<float> sums_;
};

class Benchmark {
 public:
  Benchmark(const BenchmarkOptions& options, Progress& progress)
      : options_(options), progress_(progress), threads_(options.load.threads) {
    report_.isa = std::string(kernels::isa_name());
    report_.threads = threads_.threads();
    report_.streams = options.streams;
  }

  Result<BenchmarkReport> run() {
    CONTINUO_TRY(load());
    CONTINUO_TRY(time_first_note());
    CONTINUO_TRY(time_steps());
    time_prefill();
    CONTINUO_TRY(time_composing());
    report_.peak_memory_bytes = platform::peak_resident_bytes();
    return std::move(report_);
  }

 private:
  Status load() {
    const auto start = Clock::now();
    CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(options_.model));
    auto composer = Composer::load(checkpoint, options_.load);
    if (!composer.ok()) return composer.error().in_file(options_.model.string());
    composer_ = std::move(*composer);
    report_.load_ms = 1000 * seconds_since(start);
    if (model().config().masking != checkpoint::Masking::kCausal)
      return Error{ErrorCode::unsupported, "a bidirectional model has no steps", {}, options_.model.string()};
    report_.precision = model().precision();
    return {};
  }

  // What precedes the first note is a step or two; the piece is ended right after it.
  Status time_first_note() {
    ComposeOptions options;
    options.length = {LengthUnit::kTokens, 2};
    std::optional<Composition> composition;
    const double seconds = seconds_of([&] {
      auto composed = compose(composer_, options, threads_, progress_);
      if (composed.ok()) composition = std::move(*composed);
    });
    if (!composition) return Error{ErrorCode::interrupted, "the measurement was stopped"};
    report_.first_note_ms = report_.load_ms + 1000 * seconds;
    return {};
  }

  // Passes from position `first` to `last`, with reading memory in between.
  Status time_steps() {
    const int context = model().config().context_length;
    const bool recurrent = model().config().family == checkpoint::Family::kRecurrent;
    report_.first = 8;
    report_.last = recurrent ? 520 : std::min(520, context);
    const std::size_t streams = std::size_t(options_.streams);
    const auto middle = std::size_t(report_.first + report_.last) / 2;
    const std::size_t cache = model().bytes_per_step(middle) - model().bytes_per_step(0);
    const double bytes = double(model().bytes_per_step(0) + streams * cache);
    report_.bytes_per_token = bytes / double(streams);
    MemoryReader reader(std::size_t(bytes), threads_);
    std::vector<double> rates, bandwidths;
    const auto start = Clock::now();
    for (int pass = 0; pass < kPasses || seconds_since(start) < options_.seconds; ++pass) {
      progress_.update(std::uint64_t(1000 * std::min(options_.seconds, seconds_since(start))),
                       std::uint64_t(1000 * options_.seconds), "");
      if (progress_.stop_requested()) return Error{ErrorCode::interrupted, "the measurement was stopped"};
      rates.push_back(pass_rate());
      bandwidths.push_back(reader.measure());
    }
    report_.tokens_per_s = median(rates);
    report_.bandwidth_gb_s = median(bandwidths) / 1e9;
    report_.bound_share = report_.tokens_per_s * report_.bytes_per_token / median(bandwidths);
    return {};
  }

  double pass_rate() {
    const int vocab = model().config().vocab_size, steps = report_.last - report_.first;
    std::vector<std::unique_ptr<engine::Session>> sessions;
    std::vector<engine::Session*> all;
    std::vector<TokenId> tokens;
    for (int i = 0; i < options_.streams; ++i) {
      sessions.push_back(engine::Session::start(composer_.model, threads_));
      sessions.back()->prefill(std::vector<TokenId>(std::size_t(report_.first), i % vocab));
      all.push_back(sessions.back().get());
      tokens.push_back(i % vocab);
    }
    const auto ensemble = engine::Ensemble::of(composer_.model, options_.streams, threads_);
    const double seconds = seconds_of([&] {
      for (int step = 0; step < steps; ++step) {
        for (auto& token : tokens) token = (token + 7) % vocab;
        if (options_.streams == 1) {
          sessions[0]->step(tokens[0]);
        } else {
          ensemble->step(all, tokens);
        }
      }
    });
    return double(steps * options_.streams) / seconds;
  }

  void time_prefill() {
    const bool recurrent = model().config().family == checkpoint::Family::kRecurrent;
    const int count = recurrent ? kPrefillTokens : std::min(kPrefillTokens, model().config().context_length);
    std::vector<TokenId> tokens;
    for (int i = 0; i < count; ++i) tokens.push_back(i * 31 % model().config().vocab_size);
    const auto session = engine::Session::start(composer_.model, threads_);
    std::vector<double> rates;
    for (int pass = 0; pass < kPasses + 1; ++pass) {
      session->reset();
      rates.push_back(count / seconds_of([&] { session->prefill(tokens); }));
    }
    report_.prefill_tokens_per_s = median(rates);
  }

  // The same number of tokens as a piece, and as bare steps.
  Status time_composing() {
    ComposeOptions options;
    const int room = model().config().context_length - 1;
    options.length = {LengthUnit::kTokens, double(std::min(kComposedTokens, room))};
    std::vector<double> rates, shares;
    for (int pass = 0; pass < kPasses; ++pass) {
      CONTINUO_ASSIGN(const auto piece, compose(composer_, options, threads_, progress_));
      const auto session = engine::Session::start(composer_.model, threads_);
      const double bare = seconds_of([&] {
        for (const TokenId token : piece.tokens) session->step(token);
      });
      rates.push_back(double(piece.tokens.size()) / piece.seconds);
      shares.push_back(bare / piece.seconds);
      report_.notes_per_s = double(piece.score.note_count()) / piece.seconds;
    }
    report_.composing_tokens_per_s = median(rates);
    report_.step_share = median(shares);
    return {};
  }

  const engine::Model& model() const { return *composer_.model; }

  const BenchmarkOptions& options_;
  Progress& progress_;
  ThreadPool threads_;
  Composer composer_;
  BenchmarkReport report_;
};

}  // namespace

std::span<const std::string_view> benchmark_models() {
  static constexpr std::array<std::string_view, 3> kNames = {"gpt", "small", "lstm"};
  return kNames;
}

Status write_benchmark_model(std::string_view name, const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const auto config, config_of(name));
  CONTINUO_ASSIGN(const auto tokenizer, tokens::make_tokenizer(kTokenizer));
  Rng rng(1);
  std::map<std::string, std::vector<float>> weights;
  std::map<std::string, checkpoint::TensorView> views;
  for (const auto& spec : checkpoint::tensor_specs(config)) {
    std::size_t count = 1;
    for (const auto extent : spec.shape) count *= std::size_t(extent);
    auto& values = weights[spec.name];
    values.resize(count, spec.name.ends_with("norm.weight") ? 1.0F : 0.0F);
    // Matrices of unit gain.
    const double reach = spec.shape.size() < 2 ? 0 : std::sqrt(3.0 / double(spec.shape[1]));
    for (float& value : values) value += float((rng.uniform() * 2 - 1) * reach);
    views[spec.name] = {checkpoint::DType::kF32,
                        spec.shape,
                        {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)}};
  }
  return checkpoint::write_checkpoint(path, config, tokenizer->to_json(), {}, views);
}

Result<BenchmarkReport> benchmark(const BenchmarkOptions& options, Progress& progress) {
  return Benchmark(options, progress).run();
}

}  // namespace continuo::generate
