#include <filesystem>

#include "continuo/base/platform/platform.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/cli/watched_machine.h"
#include "continuo/generate/benchmark.h"

#include "commands.h"
#include "common/model_options.h"

namespace continuo::app {
namespace {

constexpr std::size_t kColumn = 15;  // where the values of the report begin

// A network with random weights, as a file that is gone afterwards.
class TemporaryModel {
 public:
  explicit TemporaryModel(std::string_view name)
      : path_(std::filesystem::temp_directory_path() /
              ("continuo-bench-" + platform::unique_suffix() + ".safetensors")),
        status_(generate::write_benchmark_model(name, path_)) {}
  ~TemporaryModel() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryModel(const TemporaryModel&) = delete;
  TemporaryModel& operator=(const TemporaryModel&) = delete;
  const std::filesystem::path& path() const { return path_; }
  const Status& status() const { return status_; }

 private:
  std::filesystem::path path_;
  Status status_;
};

bool is_built_in(const std::string& model) {
  const auto names = generate::benchmark_models();
  return std::find(names.begin(), names.end(), model) != names.end();
}

void report(const generate::BenchmarkReport& r, const std::string& model, const cli::WatchedMachine& machine,
            cli::Console& console) {
  const double rss_mib = double(r.peak_memory_bytes) / (1 << 20);
  console.result() = {{"isa", r.isa},
                      {"model", model},
                      {"precision", kernels::to_string(r.precision)},
                      {"threads", r.threads},
                      {"streams", r.streams},
                      {"tokens_per_s", r.tokens_per_s},
                      {"positions", {r.first, r.last}},
                      {"bytes_per_token", r.bytes_per_token},
                      {"bandwidth_gb_s", r.bandwidth_gb_s},
                      {"bound_share", r.bound_share},
                      {"load_ms", r.load_ms},
                      {"first_note_ms", r.first_note_ms},
                      {"prefill_tokens_per_s", r.prefill_tokens_per_s},
                      {"composing_tokens_per_s", r.composing_tokens_per_s},
                      {"notes_per_s", r.notes_per_s},
                      {"step_share", r.step_share},
                      {"peak_rss_mib", rss_mib}};
  const auto count = [](double value) { return grouped(std::uint64_t(value)); };
  console.line(model + " in " + std::string(kernels::to_string(r.precision)) + ", " +
               counted(std::uint64_t(r.streams), "stream", "streams") + " on " +
               counted(std::uint64_t(r.threads), "thread", "threads") + " (" + r.isa + ")" + machine.beside() + ": " +
               count(r.tokens_per_s) + " tokens/s, positions " + std::to_string(r.first) + " to " +
               std::to_string(r.last));
  console.line("  bound        " + cli::fixed(100 * r.bound_share, 1) + " % of what memory allows: " +
               cli::fixed(r.bytes_per_token / 1e6, 2) + " MB a token at " + cli::fixed(r.bandwidth_gb_s, 1) + " GB/s");
  console.line("  prefill      " + count(r.prefill_tokens_per_s) + " tokens/s");
  console.line("  composing    " + count(r.composing_tokens_per_s) + " tokens/s, " + count(r.notes_per_s) +
               " notes/s; " + cli::fixed(100 * r.step_share, 1) + " % of the time in the network");
  console.line("  first note   " + cli::fixed(r.first_note_ms, 1) +
               " ms after opening the file, of which loading took " + cli::fixed(r.load_ms, 1));
  console.line("  memory       " + count(rss_mib) + " MiB at its peak");
  machine.report(r.threads, kColumn, console);
}

Status bench_generate(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& model = arguments.text("model");
  generate::BenchmarkOptions options;
  options.load = read_load_options(arguments);
  options.streams = int(arguments.integer("streams"));
  options.seconds = arguments.number("seconds");
  std::optional<TemporaryModel> temporary;
  if (is_built_in(model)) {
    temporary.emplace(model);
    CONTINUO_TRY(temporary->status());
    options.model = temporary->path();
  } else {
    CONTINUO_ASSIGN(options.model, model_file(arguments));
  }
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(options.model));
  CONTINUO_TRY(check_model_options(arguments, {}, checkpoint.model, model));
  CONTINUO_ASSIGN(auto machine, cli::WatchedMachine::start(arguments));
  const auto done = [&] {
    cli::TerminalProgress shown("playing " + model);
    cli::WatchedMachine::Progress progress(machine, shown);
    return generate::benchmark(options, progress);
  }();
  machine.finish();
  if (!done.ok()) return done.error();
  report(*done, model, machine, console);
  return {};
}

}  // namespace

cli::Command bench_generate_command() {
  cli::Field model = model_option();
  model.help = "A model file or a run's folder, or random weights: gpt (19 million), small or lstm";
  model.default_value = "gpt";
  model.required = false;
  std::vector<cli::Field> options = {std::move(model),
                                     {.name = "streams",
                                      .type = cli::Type::kInteger,
                                      .unit = "N",
                                      .help = "Number of pieces generated at the same time",
                                      .default_value = "1",
                                      .range = {1, 1024}},
                                     {.name = "seconds",
                                      .type = cli::Type::kReal,
                                      .unit = "N",
                                      .help = "Duration of the timed steps",
                                      .default_value = "6",
                                      .range = {0, 3600}},
                                     cli::busy_option()};
  for (auto& option : precision_options()) options.push_back(std::move(option));
  return {{.name = "bench generate",
           .summary = "Measure the speed of generation",
           .description =
               "Measures single steps of the network and compares them with the speed of memory in the same run; "
               "then prefill, and composing with grammar and sampling. The last line shows how much of the "
               "processors other programs used at the same time.",
           .options = std::move(options),
           .examples = {"continuo bench generate --model gpt --precision int8"}},
          bench_generate,
          {}};
}

}  // namespace continuo::app
