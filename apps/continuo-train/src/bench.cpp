#include "continuo/cli/console.h"
#include "continuo/train/benchmark.h"

#include "commands.h"

namespace continuo::train_app {
namespace {

Status run(const cli::Arguments& arguments, cli::Console& console) {
  train::BenchmarkOptions options;
  options.model = arguments.text("model");
  options.precision = arguments.text("precision");
  options.kernels = arguments.text("kernels");
  options.positions = arguments.text("positions");
  options.context = int(arguments.integer("context"));
  options.threads = arguments.threads();
  options.seconds = arguments.number("seconds");
  const auto done = [&] {
    cli::TerminalProgress progress("training " + options.model);
    return train::benchmark(options, progress);
  }();
  if (!done.ok()) return done.error();
  const double rss_mib = double(done->peak_memory_bytes) / (1 << 20);
  auto shares = nlohmann::json::object();
  for (const auto& [name, share] : done->shares) shares[name] = share;
  console.result() = {{"isa", done->isa},
                      {"model", done->model},
                      {"precision", done->precision},
                      {"positions", done->positions},
                      {"context", done->context},
                      {"batch", done->batch},
                      {"threads", done->threads},
                      {"steps", done->steps},
                      {"tokens_per_s", done->tokens_per_s},
                      {"tflops", done->tflops},
                      {"peak_tflops", done->peak_tflops},
                      {"peak_share", done->peak_share},
                      {"peak_rss_mib", rss_mib},
                      {"shares", shares}};
  console.line(done->model + ": " + cli::grouped(std::uint64_t(done->tokens_per_s)) + " tokens/s in " +
               done->precision + " on " + std::to_string(done->threads) + " threads (" + done->isa + "), median of " +
               std::to_string(done->steps) + " steps");
  console.line("  products   " + cli::fixed(done->tflops, 3) + " TFLOP/s, " + cli::fixed(100 * done->peak_share, 1) +
               " % of the " + cli::fixed(done->peak_tflops, 3) + " that registers allow");
  console.line("  memory     " + cli::grouped(std::uint64_t(rss_mib)) + " MiB at most");
  for (const auto& [name, share] : done->shares) {
    console.line("  " + cli::fixed(100 * share, 1) + " %   " + name);
  }
  return {};
}

}  // namespace

cli::Command bench_command() {
  std::vector<std::string> models;
  for (const auto model : train::benchmark_models()) models.emplace_back(model);
  return {{.name = "bench",
           .summary = "Measure the speed of training",
           .details = "  continuo bench train --model gpt\n\n"
                      "Whole steps on random tokens, beside the peak of the processor's arithmetic in the same run.",
           .options = {{.names = "--model",
                        .kind = cli::Kind::kChoice,
                        .help = "gpt (20 million weights), small (3.5 million) or lstm (2 x 512)",
                        .fallback = "gpt",
                        .choices = models},
                       {.names = "--precision",
                        .kind = cli::Kind::kChoice,
                        .help = "Of matrix products",
                        .fallback = "auto",
                        .choices = {"auto", "fp32", "bf16"}},
                       {.names = "--kernels",
                        .kind = cli::Kind::kChoice,
                        .help = "Continuo's own, or libtorch's functions",
                        .fallback = "fused",
                        .choices = {"fused", "plain"}},
                       {.names = "--positions",
                        .kind = cli::Kind::kChoice,
                        .help = "Of tokens in gpt and small",
                        .fallback = "learned",
                        .choices = {"learned", "relative", "rotary"}},
                       {.names = "--context",
                        .kind = cli::Kind::kInteger,
                        .placeholder = "N",
                        .help = "Tokens of a sequence; the batch shrinks as it grows (default: the model's)",
                        .fallback = "0",
                        .minimum = 0,
                        .maximum = 65536},
                       {.names = "--seconds",
                        .kind = cli::Kind::kNumber,
                        .placeholder = "N",
                        .help = "Of timed steps; at least three are done",
                        .fallback = "15",
                        .minimum = 0,
                        .maximum = 3600}}},
          run,
          {}};
}

}  // namespace continuo::train_app
