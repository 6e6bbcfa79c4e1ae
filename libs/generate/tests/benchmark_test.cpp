#include "continuo/generate/benchmark.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "support/fake_model.h"
#include "support/random_checkpoint.h"

namespace continuo::generate {
namespace {

using namespace testing;

// Every figure is positive, and those that depend on each other agree. The network is tiny: 96 tokens of context.
TEST(Benchmark, FiguresAgreeWithOneAnotherAndWithTheClock) {
  for (const std::string model : {"gpt2", "lstm"}) {
    for (const int streams : {1, 2}) {
      SCOPED_TRACE(model + " " + std::to_string(streams));
      const RandomCheckpoint file(model, *tokenizer_named("performance"));
      const auto composer = file.load().value();
      NoProgress progress;
      BenchmarkOptions options{.model = file.path(), .load = {.threads = 1}, .streams = streams, .seconds = 0};
      const auto start = std::chrono::steady_clock::now();
      const auto measured = benchmark(options, progress);
      const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      ASSERT_TRUE(measured.ok()) << measured.error().to_line();
      const BenchmarkReport& r = *measured;
      EXPECT_EQ(r.streams, streams);
      EXPECT_EQ(r.threads, 1);
      EXPECT_FALSE(r.isa.empty());
      EXPECT_EQ(r.precision, composer.model->precision());
      EXPECT_EQ(r.first, 8);
      EXPECT_EQ(r.last, model == "lstm" ? 520 : 96);
      const double weights = double(composer.model->bytes_per_step(0));
      const double cache = double(composer.model->bytes_per_step(std::size_t(r.first + r.last) / 2)) - weights;
      EXPECT_DOUBLE_EQ(r.bytes_per_token, weights / streams + cache);
      EXPECT_NEAR(r.bound_share, r.tokens_per_s * r.bytes_per_token / (r.bandwidth_gb_s * 1e9), 1e-9);
      EXPECT_GT(r.load_ms, 0);
      EXPECT_GT(r.first_note_ms, r.load_ms);
      EXPECT_LT(r.first_note_ms, 1000 * elapsed);
      // Two of three passes took as long as the median or longer; no core reads 1 TB/s.
      EXPECT_LT(2 * streams * (r.last - r.first) / r.tokens_per_s, elapsed);
      EXPECT_LT(r.tokens_per_s * r.bytes_per_token, 1e12);
      EXPECT_GT(r.bandwidth_gb_s, 0.1);
      EXPECT_LT(r.bandwidth_gb_s, 1e4);
      EXPECT_GT(r.prefill_tokens_per_s, 95 / elapsed);
      EXPECT_GT(r.composing_tokens_per_s, 95 / elapsed);
      EXPECT_GT(r.notes_per_s, 0);
      EXPECT_LT(r.notes_per_s, r.composing_tokens_per_s);
      EXPECT_GT(r.step_share, 0);
      EXPECT_LT(r.step_share, 3);
      EXPECT_GT(double(r.peak_memory_bytes), weights);
    }
  }
}

TEST(Benchmark, CannotBe_SaysWhy) {
  NoProgress progress;
  EXPECT_FALSE(benchmark({.model = "no such file"}, progress).ok());
  const RandomCheckpoint bert("bert", *tokenizer_named("performance"));
  const auto measured = benchmark({.model = bert.path(), .load = {.threads = 1}, .seconds = 0}, progress);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().code, ErrorCode::unsupported);
  EXPECT_EQ(measured.error().path, bert.path().string());
}

// Weights of unit gain: features neither vanish nor explode on their way, and norms begin near 1.
TEST(BenchmarkModel, IsAModelOfItsName) {
  const RandomCheckpoint place("gpt2", *tokenizer_named("performance"));
  for (const auto& [name, layers] : {std::pair<std::string, int>{"small", 4}, {"lstm", 2}}) {
    ASSERT_TRUE(write_benchmark_model(name, place.path()).ok());
    const auto composer = place.load();
    ASSERT_TRUE(composer.ok()) << composer.error().to_line();
    EXPECT_EQ(composer->tokenizer->name(), "performance");
    EXPECT_EQ(composer->model->config().n_layers, layers);
    const auto made = run(*composer, {.length = {LengthUnit::kTokens, 20}});
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(made->tokens.size(), 20u);
  }
}

TEST(BenchmarkModel, NamesAndWhatIsNoName) {
  EXPECT_EQ(benchmark_models().size(), 3u);
  const Status status = write_benchmark_model("huge", std::filesystem::temp_directory_path() / "continuo_bench_none");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::unsupported);
  EXPECT_NE(status.error().what.find("huge"), std::string::npos);
}

class StopAtOnce final : public Progress {
 public:
  void update(std::uint64_t, std::uint64_t, std::string_view) override {}
  bool stop_requested() const override { return true; }
};

TEST(Benchmark, Stopped_Interrupted) {
  const RandomCheckpoint file("gpt2", *tokenizer_named("performance"));
  StopAtOnce progress;
  const auto measured = benchmark({.model = file.path(), .load = {.threads = 1}, .seconds = 0}, progress);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().code, ErrorCode::interrupted);
}

}  // namespace
}  // namespace continuo::generate
