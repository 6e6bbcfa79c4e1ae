#include "continuo/metrics/evaluate.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/dataset.h"
#include "continuo/engine/model.h"
#include "continuo/metrics/evaluate_gaps.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "../commands.h"
#include "../common/mixing.h"
#include "../common/model_options.h"
#include "../common/table.h"
#include "evaluation_report.h"
#include "part.h"

namespace continuo::app {
namespace {

// What the options ask of each evaluation, and what they are over.
struct Question {
  metrics::EvaluateOptions options;
  dataset::Split split;
};

Result<Question> read_question(const cli::Arguments& arguments) {
  Question question;
  CONTINUO_ASSIGN(question.split, dataset::split_from_string(arguments.text("split")));
  metrics::EvaluateOptions& options = question.options;
  options.seed = arguments.seed();
  options.max_tokens = static_cast<std::uint64_t>(arguments.integer("max_tokens"));
  options.mask_draws = static_cast<int>(arguments.integer("mask_draws"));
  options.context = static_cast<int>(arguments.integer("context"));
  options.stride = static_cast<int>(arguments.integer("stride"));
  CONTINUO_TRY(read_part(arguments, options));
  return question;
}

// A model and its tokenizer, ready to be asked.
struct Evaluated {
  std::shared_ptr<const engine::Model> model;
  std::shared_ptr<const tokens::Tokenizer> tokenizer;
};

Result<Evaluated> load(const checkpoint::Checkpoint& checkpoint, const std::filesystem::path& path,
                       const cli::Arguments& arguments, const metrics::EvaluateOptions& options) {
  if (const Status windows = metrics::check_windows(checkpoint.model, options); !windows.ok())
    return Error{windows.error().code, "--" + windows.error().what, {}, {}};
  Evaluated evaluated;
  CONTINUO_ASSIGN(auto model, engine::Model::load(checkpoint, read_load_options(arguments)));
  CONTINUO_ASSIGN(evaluated.model, mixed(std::move(model), checkpoint, arguments));
  const auto tokenizer = tokens::tokenizer_from_json(checkpoint.tokenizer);
  if (!tokenizer.ok()) return tokenizer.error().in_file(path.string());
  evaluated.tokenizer = *tokenizer;
  return evaluated;
}

Status evaluate_one(const std::filesystem::path& model_path, const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(Question question, read_question(arguments));
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
  CONTINUO_ASSIGN(const Evaluated loaded, load(checkpoint, model_path, arguments, question.options));
  question.options.tokenizer = loaded.tokenizer.get();
  ThreadPool threads(arguments.threads());
  console.result() = {
      {"model", model_path.string()}, {"data", arguments.text("data")}, {"split", arguments.text("split")}};
  if (arguments.given("gaps")) {
    const auto bars = static_cast<int>(arguments.integer("gaps"));
    const auto found = [&] {
      cli::TerminalProgress progress("evaluating");
      return metrics::evaluate_gaps(*loaded.model, data.split(question.split), *loaded.tokenizer, {.bars = bars},
                                    threads, progress);
    }();
    if (!found.ok()) return found.error().in_file(model_path.string());
    report_gaps(*found, bars, console);
    return {};
  }
  const auto measured = [&] {
    cli::TerminalProgress progress("evaluating");
    return metrics::measure_pieces(*loaded.model, data.split(question.split), question.options, threads, progress);
  }();
  if (!measured.ok()) return measured.error().in_file(arguments.text("data"));
  if (arguments.has("shard")) return write_part(model_path, data, *measured, arguments, console);
  const metrics::Evaluation evaluation = metrics::evaluation_of(*measured);
  console.result().update(describe(evaluation));
  print_evaluation(evaluation, arguments.text("split"), console);
  return {};
}

struct Data {
  std::string name;
  dataset::TokenDataset tokens;
};

// "data/a,data/b", or one folder with a comma in its name.
std::vector<std::string> data_names(const std::string& text) {
  std::error_code ignored;
  if (std::filesystem::exists(text, ignored)) return {text};
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    names.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

Result<std::vector<Data>> open_all(const std::vector<std::string>& names) {
  std::vector<Data> all;
  for (const std::string& name : names) {
    CONTINUO_ASSIGN(auto opened, dataset::TokenDataset::open(name));
    all.push_back({name, std::move(opened)});
  }
  return all;
}

std::vector<std::string> row_of(const nlohmann::json& found) {
  const auto number = [&](const char* name, int digits, double scale = 1) {
    return found[name].is_null() ? std::string("-") : cli::fixed(scale * found[name].get<double>(), digits);
  };
  return {found["model"],
          found["data"],
          found["tokenizer"],
          number("nll_nats_per_token", 4),
          number("bits_per_note", 3),
          number("nats_per_step", 4),
          number("accuracy", 2, 100),
          grouped(found["tokens"].get<std::uint64_t>())};
}

// Each model on each data set of its tokenizer.
Status evaluate_many(const std::vector<std::string>& models, const std::vector<std::string>& data_sets,
                     const cli::Arguments& arguments, cli::Console& console) {
  for (const char* option : {"gaps", "shard", "mix"})
    if (arguments.given(option))
      return Error{
          ErrorCode::invalid_argument, "--" + std::string(option) + " is for one model on one data set", {}, {}};
  CONTINUO_ASSIGN(Question question, read_question(arguments));
  CONTINUO_ASSIGN(const auto all, open_all(data_sets));
  ThreadPool threads(arguments.threads());
  nlohmann::json list = nlohmann::json::array();
  std::vector<std::string> left_out;
  std::vector<std::vector<std::string>> rows = {
      {"model", "data", "tokenizer", "nats/token", "bits/note", "nats/step", "accuracy %", "tokens"}};
  for (const std::string& name : models) {
    CONTINUO_ASSIGN(const auto path, find_model(name));
    CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(path));
    CONTINUO_ASSIGN(const Evaluated loaded, load(checkpoint, path, arguments, question.options));
    question.options.tokenizer = loaded.tokenizer.get();
    const std::size_t before = list.size();
    for (const Data& data : all) {
      if (data.tokens.tokenizer() != checkpoint.tokenizer) continue;
      cli::TerminalProgress progress("evaluating " + name);
      const auto evaluated =
          metrics::evaluate(*loaded.model, data.tokens.split(question.split), question.options, threads, progress);
      if (!evaluated.ok()) return evaluated.error().in_file(data.name);
      nlohmann::json found = describe(*evaluated);
      found.update({{"model", name},
                    {"data", data.name},
                    {"split", arguments.text("split")},
                    {"tokenizer", checkpoint.tokenizer.value("name", "")}});
      rows.push_back(row_of(found));
      list.push_back(std::move(found));
    }
    if (list.size() == before) left_out.push_back(path.string());
  }
  if (list.empty())
    return Error{ErrorCode::incompatible, "no model has the tokenizer of the data", {}, arguments.text("data")};
  for (const std::string& model : left_out)
    console.note("continuo: note: left out: no data set has the tokenizer of " + model);
  print_table(rows, 3, console, LastColumn::number);
  console.result()["evaluations"] = std::move(list);
  return {};
}

Status evaluate(const cli::Arguments& arguments, cli::Console& console) {
  std::vector<std::string> models = arguments.positionals();
  if (arguments.has("model")) models.push_back(arguments.text("model"));
  if (models.empty()) return Error{ErrorCode::invalid_argument, "no model is named", {}, {}};
  const auto data_sets = data_names(arguments.text("data"));
  if (models.size() > 1 || data_sets.size() > 1) return evaluate_many(models, data_sets, arguments, console);
  CONTINUO_ASSIGN(const auto path, find_model(models.front()));
  return evaluate_one(path, arguments, console);
}

cli::Field model_to_evaluate() {
  cli::Field field = optional_model_option();
  field.default_text.clear();
  return field;
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
           "loss of Coconet), without bits per note.\n"
           "Several models, and several data sets, make one table: each model on each data set that has its "
           "tokenizer.",
       .positionals = {{"MODEL", "Models as --model names them", true, true}},
       .options =
           {model_to_evaluate(),
            mix_option(),
            {.name = "data",
             .type = cli::Type::kPath,
             .unit = "DIR",
             .help = "Data set, made by 'continuo dataset build'; several with commas between them",
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
             .range = {1, 10000}},
            {.name = "shard",
             .unit = "i/n",
             .help = "Measure the i-th of n parts of the pieces, for several machines, and write what it adds up to to "
                     "--output; 'evaluate merge' joins them"},
            {.name = "output",
             .letter = 'o',
             .type = cli::Type::kPath,
             .unit = "PART.json",
             .help = "File of a --shard"}},
       .examples = {"continuo evaluate --model run --data data/groove --split test",
                    "continuo evaluate --model run --data data/jsb --stride 256",
                    "continuo evaluate --model run --data data/maestro --shard 2/8 -o part-2.json",
                    "continuo evaluate chorale chorale_lstm runs/mine --data data/jsb --split validation"}},
      evaluate,
      {}};
  for (auto& option : precision_options()) command.spec.options.push_back(std::move(option));
  return command;
}

}  // namespace continuo::app
