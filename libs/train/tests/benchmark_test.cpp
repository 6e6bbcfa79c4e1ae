#include "continuo/train/benchmark.h"

#include <gtest/gtest.h>

namespace continuo::train {
namespace {

class Counted final : public Progress {
 public:
  void update(std::uint64_t, std::uint64_t, std::string_view) override { ++updates; }
  bool stop_requested() const override { return updates >= stop_at; }
  int updates = 0, stop_at = 1 << 30;
};

BenchmarkOptions short_benchmark() {
  BenchmarkOptions options;
  options.model = "small";
  options.context = 64;
  options.precision = "fp32";
  options.threads = 1;
  options.seconds = 0;
  return options;
}

TEST(Benchmark, TimesAtLeastThreeStepsAndCountsTheirOperations) {
  Counted progress;
  const auto report = benchmark(short_benchmark(), progress);
  ASSERT_TRUE(report) << report.error().to_line();
  EXPECT_EQ(report->steps, 3);
  EXPECT_EQ(progress.updates, 3);
  EXPECT_EQ(report->model, "small");
  EXPECT_EQ(report->positions, "learned");
  EXPECT_EQ(report->precision, "fp32");
  EXPECT_EQ(report->threads, 1);
  EXPECT_EQ(report->context, 64);
  EXPECT_EQ(report->batch, 64) << "as many tokens as 8 of 512";
  EXPECT_FALSE(report->isa.empty());
  EXPECT_GT(report->tokens_per_s, 0);
  EXPECT_GT(report->peak_memory_bytes, 1U << 20);
  // Width 256, 4 layers with 4 d^2 for attention and 8 d^2 for the feed-forward layers, vocabulary 512, context 64.
  const double operations = 6.0 * (4 * 12 * 256 * 256 + 256 * 512) + 4.0 * 7 * 256 * 64;
  EXPECT_NEAR(report->tflops / (report->tokens_per_s * operations * 1e-12), 1, 1e-9);
  EXPECT_GT(report->peak_tflops, 0);
  EXPECT_NEAR(report->peak_share * report->peak_tflops / report->tflops, 1, 1e-9);
  ASSERT_FALSE(report->shares.empty());
  double sum = 0;
  for (const auto& [name, share] : report->shares) {
    EXPECT_GT(share, 0) << name;
    sum += share;
  }
  EXPECT_LT(sum, 1.5) << "of the steps that were timed";
}

TEST(Benchmark, QkNormIsTimedAndReported) {
  Counted progress;
  BenchmarkOptions options = short_benchmark();
  options.qk_norm = true;
  const auto report = benchmark(options, progress);
  ASSERT_TRUE(report) << report.error().to_line();
  EXPECT_TRUE(report->qk_norm);
  EXPECT_GT(report->tokens_per_s, 0);
  options.model = "lstm";
  EXPECT_FALSE(benchmark(options, progress)) << "which has no heads";
}

TEST(Benchmark, AStopRequestEndsIt) {
  Counted progress;
  progress.stop_at = 1;
  const auto report = benchmark(short_benchmark(), progress);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::interrupted);
  EXPECT_EQ(progress.updates, 1);
}

TEST(Benchmark, UnknownModelsAndPrecisionsAreRefused) {
  Counted progress;
  BenchmarkOptions options = short_benchmark();
  options.model = "rnn";
  EXPECT_EQ(benchmark(options, progress).error().what, "the benchmark's models are gpt, small and lstm, not 'rnn'");
  options = short_benchmark();
  options.precision = "fp8";
  EXPECT_EQ(benchmark(options, progress).error().code, ErrorCode::invalid_argument);
  ASSERT_EQ(benchmark_models().size(), 3U);
}

}  // namespace
}  // namespace continuo::train
