#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/cli/watched_machine.h"
#include "continuo/train/benchmark.h"

#include "commands.h"

namespace continuo::train_app {
namespace {

constexpr std::size_t kColumn = 13;  // where the values of the report begin

void report(const train::BenchmarkReport& r, const cli::WatchedMachine& machine, cli::Console& console) {
  const double rss_mib = double(r.peak_memory_bytes) / (1 << 20);
  auto shares = nlohmann::json::object();
  for (const auto& [name, share] : r.shares) shares[name] = share;
  console.result() = {{"isa", r.isa},
                      {"model", r.model},
                      {"precision", r.precision},
                      {"positions", r.positions},
                      {"optimiser", r.optimiser},
                      {"qk_norm", r.qk_norm},
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
  console.line(r.model + ": " + grouped(std::uint64_t(r.tokens_per_s)) + " tokens/s in " + r.precision + " on " +
               std::to_string(r.threads) + " threads (" + r.isa + ")" + machine.beside() + ", median of " +
               std::to_string(r.steps) + " steps");
  console.line("  products   " + cli::fixed(r.tflops, 3) + " TFLOP/s, " + cli::fixed(100 * r.peak_share, 1) +
               " % of the " + cli::fixed(r.peak_tflops, 3) + " that registers allow");
  console.line("  memory     " + grouped(std::uint64_t(rss_mib)) + " MiB at its peak");
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
  options.optimiser = arguments.text("optimiser");
  options.qk_norm = arguments.flag("qk_norm");
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
  using cli::Type;
  std::vector<std::string> models;
  for (const auto model : train::benchmark_models()) models.emplace_back(model);
  return {{.name = "bench train",
           .summary = "Measure the speed of training",
           .description =
               "Times whole steps on random tokens and compares them with the peak of the processor's arithmetic in "
               "the same run. Also shows how much of the processors other programs used at the same time.",
           .options = {{.name = "model",
                        .type = Type::kChoice,
                        .unit = "NAME",
                        .help = "gpt has 20 million weights, small 3.5 million, lstm two layers of 512",
                        .default_value = "gpt",
                        .choices = models},
                       {.name = "precision",
                        .type = Type::kChoice,
                        .unit = "TYPE",
                        .help = "Precision of matrix products",
                        .default_value = "auto",
                        .choices = {"auto", "fp32", "bf16"}},
                       {.name = "kernels",
                        .type = Type::kChoice,
                        .unit = "NAME",
                        .help = "Continuo's own functions, or those of libtorch",
                        .default_value = "fused",
                        .choices = {"fused", "plain"}},
                       {.name = "positions",
                        .type = Type::kChoice,
                        .unit = "NAME",
                        .help = "Position encoding of gpt and small",
                        .default_value = "learned",
                        .choices = {"learned", "relative", "rotary"}},
                       {.name = "optimiser",
                        .type = Type::kChoice,
                        .unit = "NAME",
                        .help = "How weights follow gradients; muon: matrices of layers by Muon, the rest by AdamW",
                        .default_value = "adamw",
                        .choices = {"adamw", "muon"}},
                       {.name = "qk_norm",
                        .type = Type::kFlag,
                        .help = "With an RMSNorm of each head's queries and keys (gpt and small)"},
                       {.name = "context",
                        .type = Type::kInteger,
                        .unit = "N",
                        .help = "Tokens per sequence; larger ones make the batch smaller; 0: default for this model",
                        .default_value = "0",
                        .range = {0, 65536}},
                       {.name = "seconds",
                        .type = Type::kReal,
                        .unit = "N",
                        .help = "Duration of the timed steps, of which there are at least three",
                        .default_value = "15",
                        .range = {0, 3600}},
                       cli::busy_option()},
           .examples = {"continuo bench train --model gpt"}},
          run,
          {}};
}

}  // namespace continuo::train_app
