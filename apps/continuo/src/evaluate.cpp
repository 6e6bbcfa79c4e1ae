#include "continuo/metrics/evaluate.h"

#include "continuo/checkpoint/checkpoint.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/dataset.h"
#include "continuo/engine/model.h"

#include "commands.h"
#include "precision.h"

namespace continuo::app {
namespace {

Status evaluate(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto split, dataset::split_from_string(arguments.text("split")));
  const auto model_path = arguments.path("model");
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(model_path));
  CONTINUO_ASSIGN(const auto data, dataset::TokenDataset::open(arguments.path("data")));
  if (checkpoint.tokenizer != data.tokenizer()) {
    return Error{ErrorCode::incompatible,
                 "was trained on another tokenisation than " + arguments.text("data") + " holds",
                 {},
                 model_path.string()};
  }
  CONTINUO_ASSIGN(const auto model, engine::Model::load(checkpoint, read_load_options(arguments)));
  metrics::EvaluateOptions options;
  options.seed = arguments.seed();
  options.max_tokens = static_cast<std::uint64_t>(arguments.integer("max-tokens"));
  ThreadPool threads(arguments.threads());
  const auto evaluated = [&] {
    cli::TerminalProgress progress("evaluating");
    return metrics::evaluate(*model, data.split(split), options, threads, progress);
  }();
  if (!evaluated.ok()) return evaluated.error().in_file(arguments.text("data"));
  console.result() = {{"model", model_path.string()},
                      {"data", arguments.text("data")},
                      {"split", arguments.text("split")},
                      {"nll_nats_per_token", evaluated->nll_nats_per_token},
                      {"perplexity", evaluated->perplexity},
                      {"accuracy", evaluated->accuracy},
                      {"tokens", evaluated->tokens},
                      {"pieces", evaluated->pieces},
                      {"tokens_per_s", evaluated->tokens_per_second}};
  console.line("negative log-likelihood  " + cli::fixed(evaluated->nll_nats_per_token, 4) + " nats per token");
  console.line("perplexity               " + cli::fixed(evaluated->perplexity, 2));
  console.line("accuracy                 " + cli::fixed(100 * evaluated->accuracy, 2) + " %");
  console.line("over                     " + cli::grouped(evaluated->tokens) + " tokens of " +
               cli::grouped(evaluated->pieces) + " pieces (" + arguments.text("split") + ")");
  return {};
}

}  // namespace

cli::Command evaluate_command() {
  cli::Command command = {
      {.name = "evaluate",
       .summary = "Measure how well a model predicts music that it has not seen",
       .details = "  continuo evaluate --model run/best.safetensors --data data/groove --split test",
       .options = {{.names = "-m,--model",
                    .kind = cli::Kind::kPath,
                    .placeholder = "FILE",
                    .help = "A checkpoint (.safetensors)",
                    .required = true},
                   {.names = "--data",
                    .kind = cli::Kind::kPath,
                    .placeholder = "DIR",
                    .help = "A data set of 'continuo dataset build'",
                    .required = true},
                   {.names = "--split",
                    .kind = cli::Kind::kChoice,
                    .placeholder = "NAME",
                    .help = "Which part",
                    .fallback = "test",
                    .choices = {"train", "validation", "test"}},
                   {.names = "--max-tokens",
                    .kind = cli::Kind::kInteger,
                    .placeholder = "N",
                    .help = "Stop after about N tokens; 0: all",
                    .fallback = "0",
                    .minimum = 0}}},
      evaluate,
      {}};
  for (auto& option : precision_options()) command.spec.options.push_back(std::move(option));
  return command;
}

}  // namespace continuo::app
