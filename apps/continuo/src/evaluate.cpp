#include "continuo/metrics/evaluate.h"

#include <algorithm>
#include <string>

#include "continuo/base/text.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/dataset.h"
#include "continuo/engine/model.h"
#include "continuo/metrics/evaluate_gaps.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "commands.h"
#include "common/model_options.h"

namespace continuo::app {
namespace {

nlohmann::json json_of(const Nll& sum) {
  return {{"nll", sum.tokens > 0 ? nlohmann::json(sum.mean()) : nullptr}, {"tokens", sum.tokens}};
}

void write_json(const metrics::Evaluation& evaluation, nlohmann::json& result) {
  const auto or_null = [](double value) { return value > 0 ? nlohmann::json(value) : nlohmann::json(nullptr); };
  result["nll_nats_per_token"] = evaluation.nll_nats_per_token;
  result["perplexity"] = evaluation.perplexity;
  result["bits_per_note"] = or_null(evaluation.bits_per_note);
  result["nats_per_step"] = or_null(evaluation.nats_per_step);
  result["accuracy"] = evaluation.accuracy;
  result["tokens"] = evaluation.tokens;
  result["pieces"] = evaluation.pieces;
  result["windows"] = evaluation.windows;
  result["context"] = evaluation.context;
  result["stride"] = evaluation.stride;
  result["tokens_per_s"] = evaluation.tokens_per_second;
  result["quarters"] = nlohmann::json::array();
  for (const auto& quarter : evaluation.quarters) result["quarters"].push_back(json_of(quarter));
  result["kinds"] = nlohmann::json::object();
  for (const auto& [kind, sum] : evaluation.kinds) result["kinds"][kind] = json_of(sum);
}

constexpr std::size_t kColumn = 25;  // where values begin

void line(const std::string& label, const std::string& value, cli::Console& console) {
  console.line(label + std::string(kColumn - std::min(kColumn - 1, label.size()), ' ') + value);
}

void report(const metrics::Evaluation& evaluation, const std::string& split, cli::Console& console) {
  write_json(evaluation, console.result());
  line("negative log-likelihood", cli::fixed(evaluation.nll_nats_per_token, 4) + " nats per token", console);
  line("perplexity", cli::fixed(evaluation.perplexity, 2), console);
  if (evaluation.bits_per_note > 0) line("bits per note", cli::fixed(evaluation.bits_per_note, 3), console);
  if (evaluation.nats_per_step > 0) line("nats per time step", cli::fixed(evaluation.nats_per_step, 4), console);
  line("accuracy", cli::fixed(100 * evaluation.accuracy, 2) + " %", console);
  line("over",
       grouped(evaluation.tokens) + " tokens of " + counted(evaluation.pieces, "piece", "pieces") + " (" + split + ")",
       console);
  line("in",
       counted(evaluation.windows, "window", "windows") + " of up to " + grouped(std::uint64_t(evaluation.context)) +
           " tokens, " + grouped(std::uint64_t(evaluation.stride)) + " apart",
       console);
  std::string quarters;
  for (const auto& quarter : evaluation.quarters) {
    quarters +=
        (quarters.empty() ? "" : "  ") + (quarter.tokens > 0 ? cli::fixed(quarter.mean(), 4) : std::string("-"));
  }
  line("by quarter of the window", quarters, console);
  for (const auto& [kind, sum] : evaluation.kinds) {
    line("  " + kind, cli::fixed(sum.mean(), 4) + "  over " + grouped(sum.tokens), console);
  }
}

// The gaps are filled as 'compose infill' is asked to.
Status report_gaps(const metrics::GapEvaluation& found, int bars, cli::Console& console) {
  const double before = found.before.mean(), around = found.around.mean();
  console.result()["gaps"] = {{"bars", bars},
                              {"gaps", found.gaps},
                              {"pieces", found.pieces},
                              {"tokens", found.before.tokens},
                              {"nll_after_what_is_before", before},
                              {"nll_between_both", around}};
  line("given what is before", cli::fixed(before, 4) + " nats per token", console);
  line("given both sides",
       cli::fixed(around, 4) + " nats per token, " + cli::fixed(100 * (1 - around / before), 1) + " % less", console);
  line("over",
       grouped(found.before.tokens) + " tokens in " + counted(found.gaps, "gap", "gaps") + " of " +
           counted(std::uint64_t(bars), "bar", "bars") + ", of " + counted(found.pieces, "piece", "pieces"),
       console);
  return {};
}

Status evaluate(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto split, dataset::split_from_string(arguments.text("split")));
  CONTINUO_ASSIGN(const auto model_path, model_file(arguments));
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(model_path));
  constexpr std::string_view kBertOnly[] = {"mask_draws"};
  CONTINUO_TRY(check_model_options(arguments, kBertOnly, checkpoint.model, model_path));
  CONTINUO_ASSIGN(const auto data, dataset::TokenDataset::open(arguments.path("data")));
  if (checkpoint.tokenizer != data.tokenizer()) {
    return Error{ErrorCode::incompatible,
                 "data set and model use different tokenizers (" + arguments.text("data") + ")",
                 {},
                 model_path.string()};
  }
  metrics::EvaluateOptions options;
  options.seed = arguments.seed();
  options.max_tokens = static_cast<std::uint64_t>(arguments.integer("max_tokens"));
  options.mask_draws = static_cast<int>(arguments.integer("mask_draws"));
  options.context = static_cast<int>(arguments.integer("context"));
  options.stride = static_cast<int>(arguments.integer("stride"));
  if (const Status windows = metrics::check_windows(checkpoint.model, options); !windows.ok())
    return Error{windows.error().code, "--" + windows.error().what, {}, {}};
  CONTINUO_ASSIGN(const auto model, engine::Model::load(checkpoint, read_load_options(arguments)));
  const auto tokenizer = tokens::tokenizer_from_json(checkpoint.tokenizer);
  if (!tokenizer.ok()) return tokenizer.error().in_file(model_path.string());
  options.tokenizer = tokenizer->get();
  ThreadPool threads(arguments.threads());
  console.result() = {
      {"model", model_path.string()}, {"data", arguments.text("data")}, {"split", arguments.text("split")}};
  if (arguments.given("gaps")) {
    const auto bars = static_cast<int>(arguments.integer("gaps"));
    const auto found = [&] {
      cli::TerminalProgress progress("evaluating");
      return metrics::evaluate_gaps(*model, data.split(split), **tokenizer, {.bars = bars}, threads, progress);
    }();
    if (!found.ok()) return found.error().in_file(model_path.string());
    return report_gaps(*found, bars, console);
  }
  const auto evaluated = [&] {
    cli::TerminalProgress progress("evaluating");
    return metrics::evaluate(*model, data.split(split), options, threads, progress);
  }();
  if (!evaluated.ok()) return evaluated.error().in_file(arguments.text("data"));
  report(*evaluated, arguments.text("split"), console);
  return {};
}

}  // namespace

cli::Command evaluate_command() {
  cli::Command command = {
      {.name = "evaluate",
       .summary = "Measure how well a model predicts music that it was not trained on",
       .description =
           "Prints the negative log-likelihood in nats per token, the perplexity, the bits per note, the nats per time "
           "step, and how often the most likely token is the right one; then the nats per token by the quarter of the "
           "window from which a token is predicted, and by the kind of token. Nats per token can be compared only "
           "between models with the same tokenizer; bits per note (all bits of the predicted tokens, divided by the "
           "notes that they complete) also "
           "between tokenizers that lose the same details. A bert model is measured on masked tokens, from one to all "
           "of a "
           "window, which gives the mean NLL of a token where a window is filled in a random order (the orderless "
           "loss of Coconet), without bits per note.",
       .options =
           {model_option(),
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
             .range = {.least = 0}},
            {.name = "context",
             .type = cli::Type::kInteger,
             .unit = "N",
             .help = "Tokens in a window; 0: those that the model was trained with",
             .default_value = "0",
             .range = {0, 1 << 20}},
            {.name = "stride",
             .type = cli::Type::kInteger,
             .unit = "N",
             .help = "Tokens between the starts of neighbouring windows; less than the context: windows overlap, and "
                     "each token is predicted from at least context - stride tokens, but near the start of a piece; 0: "
                     "no overlap",
             .default_value = "0",
             .range = {0, 1 << 20}},
            {.name = "gaps",
             .type = cli::Type::kInteger,
             .unit = "N",
             .help = "Measure how well gaps of N bars are filled, given what is before them and given both sides, "
                     "instead (models of the tokenizer bar_tracks)",
             .range = {1, 64}},
            {.name = "mask_draws",
             .type = cli::Type::kInteger,
             .unit = "N",
             .help = "How many times each window is masked anew (bert only)",
             .default_value = "4",
             .range = {1, 10000}}},
       .examples = {"continuo evaluate --model run --data data/groove --split test",
                    "continuo evaluate --model run --data data/jsb --stride 256"}},
      evaluate,
      {}};
  for (auto& option : precision_options()) command.spec.options.push_back(std::move(option));
  return command;
}

}  // namespace continuo::app
