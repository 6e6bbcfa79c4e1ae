#include "continuo/metrics/evaluate.h"

#include "continuo/base/text.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/dataset.h"
#include "continuo/engine/model.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "commands.h"
#include "common/model_options.h"

namespace continuo::app {
namespace {

void report(const metrics::Evaluation& evaluation, const std::string& split, cli::Console& console) {
  auto& result = console.result();
  result["nll_nats_per_token"] = evaluation.nll_nats_per_token;
  result["perplexity"] = evaluation.perplexity;
  result["bits_per_note"] = evaluation.bits_per_note > 0 ? nlohmann::json(evaluation.bits_per_note) : nullptr;
  result["accuracy"] = evaluation.accuracy;
  result["tokens"] = evaluation.tokens;
  result["pieces"] = evaluation.pieces;
  result["tokens_per_s"] = evaluation.tokens_per_second;
  console.line("negative log-likelihood  " + cli::fixed(evaluation.nll_nats_per_token, 4) + " nats per token");
  console.line("perplexity               " + cli::fixed(evaluation.perplexity, 2));
  if (evaluation.bits_per_note > 0) console.line("bits per note            " + cli::fixed(evaluation.bits_per_note, 3));
  console.line("accuracy                 " + cli::fixed(100 * evaluation.accuracy, 2) + " %");
  console.line("over                     " + grouped(evaluation.tokens) + " tokens of " +
               counted(evaluation.pieces, "piece", "pieces") + " (" + split + ")");
}

Status evaluate(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto split, dataset::split_from_string(arguments.text("split")));
  CONTINUO_ASSIGN(const auto model_path, model_file(arguments));
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(model_path));
  CONTINUO_ASSIGN(const auto data, dataset::TokenDataset::open(arguments.path("data")));
  if (checkpoint.tokenizer != data.tokenizer()) {
    return Error{ErrorCode::incompatible,
                 "data set and model use different tokenizers (" + arguments.text("data") + ")",
                 {},
                 model_path.string()};
  }
  CONTINUO_ASSIGN(const auto model, engine::Model::load(checkpoint, read_load_options(arguments)));
  metrics::EvaluateOptions options;
  options.seed = arguments.seed();
  options.max_tokens = static_cast<std::uint64_t>(arguments.integer("max_tokens"));
  const auto tokenizer = tokens::tokenizer_from_json(checkpoint.tokenizer);
  if (!tokenizer.ok()) return tokenizer.error().in_file(model_path.string());
  options.tokenizer = tokenizer->get();
  ThreadPool threads(arguments.threads());
  const auto evaluated = [&] {
    cli::TerminalProgress progress("evaluating");
    return metrics::evaluate(*model, data.split(split), options, threads, progress);
  }();
  if (!evaluated.ok()) return evaluated.error().in_file(arguments.text("data"));
  console.result() = {
      {"model", model_path.string()}, {"data", arguments.text("data")}, {"split", arguments.text("split")}};
  report(*evaluated, arguments.text("split"), console);
  return {};
}

}  // namespace

cli::Command evaluate_command() {
  cli::Command command = {
      {.name = "evaluate",
       .summary = "Measure how well a model predicts music that it was not trained on",
       .description =
           "Prints the negative log-likelihood in nats per token, the perplexity, the bits per note, and how often the "
           "most likely token is the right one. Nats per token can be compared only between models with the same "
           "tokenizer; bits per note (all bits of the predicted tokens, divided by the notes that they complete) also "
           "between tokenizers that lose the same details. A bert model is measured on masked tokens, without bits per "
           "note.",
       .options = {model_option(),
                   {.name = "data",
                    .type = cli::Type::kPath,
                    .unit = "DIR",
                    .help = "Data set, made by 'continuo dataset build'",
                    .required = true},
                   {.name = "split",
                    .type = cli::Type::kChoice,
                    .unit = "NAME",
                    .help = "Part of the data set",
                    .default_value = "test",
                    .choices = {"train", "validation", "test"}},
                   {.name = "max_tokens",
                    .type = cli::Type::kInteger,
                    .unit = "N",
                    .help = "Stop after about N tokens; 0: all",
                    .default_value = "0",
                    .range = {.least = 0}}},
       .examples = {"continuo evaluate --model run --data data/groove --split test"}},
      evaluate,
      {}};
  for (auto& option : precision_options()) command.spec.options.push_back(std::move(option));
  return command;
}

}  // namespace continuo::app
