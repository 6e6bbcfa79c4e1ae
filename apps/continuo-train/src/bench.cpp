#include "continuo/cli/console.h"
#include "continuo/cli/watched_machine.h"
#include "continuo/train/benchmark.h"

#include "commands.h"

namespace continuo::train_app {
namespace {

constexpr std::size_t kColumn = 13;  // where the lines of the report say something

void report(const train::BenchmarkReport& r, const cli::WatchedMachine& machine, cli::Console& console) {
  const double rss_mib = double(r.peak_memory_bytes) / (1 << 20);
  auto shares = nlohmann::json::object();
  for (const auto& [name, share] : r.shares) shares[name] = share;
  console.result() = {{"isa", r.isa},
                      {"model", r.model},
                      {"precision", r.precision},
                      {"positions", r.positions},
                      {"context", r.context},
                      {"batch", r.batch},
                      {"threads", r.threads},
                      {"steps", r.steps},
                      {"tokens_per_s", r.tokens_per_s},
                      {"tflops", r.tflops},
                      {"peak_tflops", r.peak_tflops},
                      {"peak_share", r.peak_share},
                      {"peak_rss_mib", rss_mib},
                      {"shares", shares}};
  console.line(r.model + ": " + cli::grouped(std::uint64_t(r.tokens_per_s)) + " tokens/s in " + r.precision + " on " +
               std::to_string(r.threads) + " threads (" + r.isa + ")" + machine.beside() + ", median of " +
               std::to_string(r.steps) + " steps");
  console.line("  products   " + cli::fixed(r.tflops, 3) + " TFLOP/s, " + cli::fixed(100 * r.peak_share, 1) +
               " % of the " + cli::fixed(r.peak_tflops, 3) + " that registers allow");
  console.line("  memory     " + cli::grouped(std::uint64_t(rss_mib)) + " MiB at most");
  machine.report(r.threads, kColumn, console);
  for (const auto& [name, share] : r.shares) {
    console.line("  " + cli::fixed(100 * share, 1) + " %   " + name);
  }
}

Status run(const cli::Arguments& arguments, cli::Console& console) {
  train::BenchmarkOptions options;
  options.model = arguments.text("model");
  options.precision = arguments.text("precision");
  options.kernels = arguments.text("kernels");
  options.positions = arguments.text("positions");
  options.context = int(arguments.integer("context"));
  options.threads = arguments.threads();
  options.seconds = arguments.number("seconds");
  CONTINUO_ASSIGN(auto machine, cli::WatchedMachine::start(arguments));
  const auto done = [&] {
    cli::TerminalProgress shown("training " + options.model);
    cli::WatchedMachine::Progress progress(machine, shown);
    return train::benchmark(options, progress);
  }();
  machine.finish();
  if (!done.ok()) return done.error();
  report(*done, machine, console);
  return {};
}

}  // namespace

cli::Command bench_command() {
  std::vector<std::string> models;
  for (const auto model : train::benchmark_models()) models.emplace_back(model);
  return {{.name = "bench",
           .summary = "Measure the speed of training",
           .details =
               "  continuo bench train --model gpt\n\n"
               "Whole steps on random tokens, beside the peak of the processor's arithmetic in the same run, and what\n"
               "other programs took of the processors meanwhile.",
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
                        .maximum = 3600},
                       cli::busy_option()}},
          run,
          {}};
}

}  // namespace continuo::train_app
