#include "continuo/engine/quantize.h"

#include "continuo/cli/console.h"
#include "continuo/dataset/dataset.h"
#include "continuo/metrics/evaluate.h"

#include "commands.h"
#include "outputs.h"

namespace continuo::app {
namespace {

Result<double> nll_of(const std::filesystem::path& path, const dataset::TokenSequences& data,
                      const cli::Arguments& arguments) {
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(path));
  CONTINUO_ASSIGN(const auto model, engine::Model::load(checkpoint));
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("evaluating " + path.filename().string());
  metrics::EvaluateOptions options;
  options.seed = arguments.seed();
  options.max_tokens = static_cast<std::uint64_t>(arguments.integer("max-tokens"));
  CONTINUO_ASSIGN(const auto evaluation, metrics::evaluate(*model, data, options, threads, progress));
  return evaluation.nll_nats_per_token;
}

// What the rounding costs, on music that the model has not seen.
Status compare(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto data, dataset::TokenDataset::open(arguments.path("data")));
  const auto& test = data.split(dataset::Split::kTest);
  CONTINUO_ASSIGN(const double before, nll_of(arguments.path("model"), test, arguments));
  CONTINUO_ASSIGN(const double after, nll_of(arguments.path("output"), test, arguments));
  const double loss = after / before - 1;
  console.result()["nll_before"] = before;
  console.result()["nll_after"] = after;
  console.result()["nll_loss"] = loss;
  console.line("negative log-likelihood  " + cli::fixed(before, 4) + " before, " + cli::fixed(after, 4) +
               " nats per token after: " + cli::fixed(100 * loss, 3) + " % more");
  return {};
}

Status quantize(const cli::Arguments& arguments, cli::Console& console) {
  const auto input = arguments.path("model"), output = arguments.path("output");
  CONTINUO_TRY(check_writable(output));
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(input));
  const auto precision = *kernels::precision_from_name(arguments.text("precision"));
  if (const auto written = engine::write_quantized(checkpoint, precision, output); !written.ok()) {
    return written.error().in_file(input.string());
  }
  const auto before = std::filesystem::file_size(input), after = std::filesystem::file_size(output);
  console.result() = {{"model", input.string()},
                      {"output", output.string()},
                      {"precision", arguments.text("precision")},
                      {"bytes_before", before},
                      {"bytes_after", after}};
  console.line(output.string() + ": " + cli::grouped(after) + " bytes, " +
               cli::fixed(double(before) / double(after), 2) + " times smaller");
  return arguments.has("data") ? compare(arguments, console) : Status{};
}

}  // namespace

cli::Command quantize_command() {
  return {
      {.name = "quantize",
       .summary = "Make a smaller, faster copy of a model",
       .details = "  continuo quantize --model run/best.safetensors -o small.safetensors\n"
                  "  continuo quantize --model run/best.safetensors -o small.safetensors --data data/groove",
       .options = {{.names = "-m,--model",
                    .kind = cli::Kind::kPath,
                    .placeholder = "FILE",
                    .help = "A checkpoint (.safetensors)",
                    .required = true},
                   {.names = "-o,--output",
                    .kind = cli::Kind::kPath,
                    .placeholder = "FILE",
                    .help = "The copy",
                    .required = true},
                   {.names = "--precision",
                    .kind = cli::Kind::kChoice,
                    .help = "Of its matrices",
                    .fallback = "int8",
                    .choices = {"fp32", "fp16", "bf16", "int8"}},
                   {.names = "--data",
                    .kind = cli::Kind::kPath,
                    .placeholder = "DIR",
                    .help =
                        "A data set of 'continuo dataset build': also say what the rounding costs on its test part"},
                   {.names = "--max-tokens",
                    .kind = cli::Kind::kInteger,
                    .placeholder = "N",
                    .help = "Of that test; 0: all",
                    .fallback = "100000",
                    .minimum = 0}}},
      quantize,
      {}};
}

}  // namespace continuo::app
