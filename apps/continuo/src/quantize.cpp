#include "continuo/engine/quantize.h"

#include <array>

#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/dataset.h"
#include "continuo/metrics/evaluate.h"
#include "continuo/tokens/registry.h"

#include "commands.h"
#include "common/model_options.h"
#include "common/outputs.h"

namespace continuo::app {
namespace {

constexpr std::array<std::string_view, 1> kModelExtensions = {".safetensors"};

Result<double> nll_of(const std::filesystem::path& path, const dataset::TokenSequences& data,
                      const cli::Arguments& arguments) {
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(path));
  CONTINUO_ASSIGN(const auto model, engine::Model::load(checkpoint));
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("evaluating " + path.filename().string());
  CONTINUO_ASSIGN(const auto tokenizer, tokens::tokenizer_from_json(checkpoint.tokenizer));
  metrics::EvaluateOptions options;
  options.tokenizer = tokenizer.get();
  options.seed = arguments.seed();
  options.max_tokens = static_cast<std::uint64_t>(arguments.integer("max_tokens"));
  CONTINUO_ASSIGN(const auto evaluation, metrics::evaluate(*model, data, options, threads, progress));
  return evaluation.nll_nats_per_token;
}

// What the rounding costs, on music that the model was not trained on.
Status compare(const std::filesystem::path& input, const dataset::TokenDataset& data, const cli::Arguments& arguments,
               cli::Console& console) {
  const auto& test = data.split(dataset::Split::kTest);
  CONTINUO_ASSIGN(const double before, nll_of(input, test, arguments));
  CONTINUO_ASSIGN(const double after, nll_of(arguments.path("output"), test, arguments));
  const double loss = after / before - 1;
  console.result()["nll_before"] = before;
  console.result()["nll_after"] = after;
  console.result()["nll_loss"] = loss;
  console.line("negative log-likelihood  " + cli::fixed(before, 4) + " before, " + cli::fixed(after, 4) +
               " nats per token after: " + cli::fixed(100 * loss, 3) + " % more");
  return {};
}

// The data set of --data, if there is one. Errors: incompatible (the model uses another tokenizer).
Result<std::optional<dataset::TokenDataset>> comparison_data(const checkpoint::Checkpoint& checkpoint,
                                                             const cli::Arguments& arguments) {
  if (!arguments.has("data")) return std::optional<dataset::TokenDataset>();
  CONTINUO_ASSIGN(auto data, dataset::TokenDataset::open(arguments.path("data")));
  if (checkpoint.tokenizer == data.tokenizer()) return std::optional(std::move(data));
  return Error{ErrorCode::incompatible, "data set and model use different tokenizers", {}, arguments.text("data")};
}

Status quantize(const cli::Arguments& arguments, cli::Console& console) {
  const auto output = arguments.path("output");
  CONTINUO_TRY(check_extension(output, kModelExtensions));
  CONTINUO_TRY(check_writable(output));
  CONTINUO_ASSIGN(const auto input, model_file(arguments));
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(input));
  CONTINUO_ASSIGN(const auto data, comparison_data(checkpoint, arguments));
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
  console.line(output.string() + ": " + grouped(after) + " bytes, " + cli::fixed(double(before) / double(after), 2) +
               " times smaller");
  return data ? compare(input, *data, arguments, console) : Status{};
}

}  // namespace

cli::Command quantize_command() {
  return {
      {.name = "quantize",
       .summary = "Write a smaller, faster copy of a model",
       .description = "Rounds the weight matrices to fewer bits. With --data it also prints how much worse the copy "
                      "predicts the test part of a data set.",
       .options = {model_option(),
                   {.name = "output",
                    .letter = 'o',
                    .type = cli::Type::kPath,
                    .unit = "FILE",
                    .help = "Model file to write (.safetensors)",
                    .required = true},
                   {.name = "precision",
                    .type = cli::Type::kChoice,
                    .unit = "TYPE",
                    .help = "Precision of the weight matrices",
                    .default_value = "int8",
                    .choices = {"fp32", "fp16", "bf16", "int8"}},
                   {.name = "data",
                    .type = cli::Type::kPath,
                    .unit = "DIR",
                    .help = "Data set to compare the copy with the original on"},
                   {.name = "max_tokens",
                    .type = cli::Type::kInteger,
                    .unit = "N",
                    .help = "Number of tokens in this comparison; 0: all",
                    .default_value = "100000",
                    .range = {.least = 0}}},
       .examples = {"continuo quantize --model run -o small.safetensors",
                    "continuo quantize --model run -o small.safetensors --data data/groove"}},
      quantize,
      {}};
}

}  // namespace continuo::app
