#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/runs/charts.h"
#include "continuo/runs/run.h"

#include "commands.h"
#include "common/outputs.h"
#include "common/table.h"

namespace continuo::app {
namespace {

using nlohmann::json;
using runs::Run;

constexpr std::size_t kRecentSteps = 20;  // whose mean is the last training loss, as train reports it
constexpr double kSecondsPerMinute = 60;

double best_nll(const Run& run) {
  const auto* best = run.best();
  return best != nullptr ? *best->validation_nll : std::numeric_limits<double>::infinity();
}

json describe(const Run& run, const std::vector<std::string>& differing) {
  const auto& last = run.metrics.rows().back();
  const auto* best = run.best();
  json options = json::object();
  for (const std::string& name : differing) {
    const bool has = run.options.contains(name);
    options[name] = has ? json(run.option(name)) : json(nullptr);
  }
  return {{"run", run.folder.string()},
          {"model", run.option("model")},
          {"size", run.option("size")},
          {"tokenizer", run.tokenizer.empty() ? json(nullptr) : json(run.tokenizer)},
          {"parameters", run.parameters ? json(*run.parameters) : json(nullptr)},
          {"data", run.data},
          {"steps", last.step},
          {"tokens", last.tokens},
          {"minutes", last.elapsed_sec / kSecondsPerMinute},
          {"training_loss", run.metrics.recent_loss(kRecentSteps)},
          {"best_validation_nll", best != nullptr ? json(*best->validation_nll) : json(nullptr)},
          {"best_validation_step", best != nullptr ? json(best->step) : json(nullptr)},
          {"options", options}};
}

std::string options_text(const json& options) {
  std::string text;
  for (const auto& [name, value] : options.items()) {
    if (value.is_string()) text += (text.empty() ? "" : ", ") + name + " " + value.get<std::string>();
  }
  return text;
}

std::vector<std::string> cells_of(const json& run) {
  const auto count = [](const json& value) { return value.is_null() ? "-" : grouped(value.get<std::uint64_t>()); };
  const auto real = [](const json& value, int digits) {
    return value.is_null() ? "-" : cli::fixed(value.get<double>(), digits);
  };
  return {run["run"],
          run["model"],
          run["size"],
          run["data"],
          run["tokenizer"].is_null() ? "-" : run["tokenizer"],
          count(run["parameters"]),
          count(run["steps"]),
          count(run["tokens"]),
          real(run["minutes"], 1),
          real(run["training_loss"], 4),
          real(run["best_validation_nll"], 4),
          options_text(run["options"])};
}

void print_runs(const json& list, cli::Console& console) {
  constexpr std::size_t kTexts = 5;
  std::vector<std::vector<std::string>> rows = {{"run", "model", "size", "data", "tokenizer", "parameters", "steps",
                                                 "tokens", "minutes", "loss", "validation", "options"}};
  for (const json& run : list) rows.push_back(cells_of(run));
  print_table(rows, kTexts, console);
}

// Each run that is left out is named in one line.
void report_broken(const std::vector<Error>& broken, cli::Console& console) {
  json list = json::array();
  for (const Error& error : broken) {
    console.note("continuo: warning: left out: " + error.to_line());
    list.push_back({{"file", error.path}, {"error", error.to_line()}});
  }
  console.result()["left_out"] = std::move(list);
}

// Before any run is read.
Status check_chart(const cli::Arguments& arguments) {
  constexpr std::string_view kPictures[] = {".png", ".svg"};
  if (arguments.has("chart")) {
    CONTINUO_TRY(check_extension(arguments.path("chart"), kPictures));
    return check_writable(arguments.path("chart"));
  }
  if (!arguments.given("over")) return {};
  return Error{ErrorCode::invalid_argument, "--over needs a --chart, whose x axis it is", {}, {}};
}

Status draw(const std::vector<Run>& list, const cli::Arguments& arguments, cli::Console& console) {
  const auto path = arguments.path("chart");
  const auto chart = runs::comparison_chart(list, runs::over_from_string(arguments.text("over")));
  if (chart.series.empty()) return Error{ErrorCode::empty, "no run has a validation to draw", {}, path.string()};
  CONTINUO_TRY(render::write_chart(chart, path));
  console.result()["chart"] = path.string();
  console.line(path.string() + ": " + counted(chart.series.size(), "curve", "curves") + " over " +
               arguments.text("over"));
  return {};
}

Status list_runs(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_TRY(check_chart(arguments));
  std::vector<std::filesystem::path> folders(arguments.positionals().begin(), arguments.positionals().end());
  if (folders.empty()) folders.emplace_back(".");
  CONTINUO_ASSIGN(auto found, runs::find_runs(folders));
  report_broken(found.broken, console);
  if (found.runs.empty()) return Error{ErrorCode::empty, "no training runs here", {}, folders.front().string()};
  for (Run& run : found.runs) run.folder = run.folder.lexically_normal();
  std::ranges::stable_sort(found.runs, {}, best_nll);
  const auto differing = runs::differing_options(found.runs);
  json list = json::array();
  for (const Run& run : found.runs) list.push_back(describe(run, differing));
  print_runs(list, console);
  if (runs::tokenizers_differ(found.runs))
    console.note(
        "continuo: note: the tokenizers of these runs differ, so their nats per token cannot be compared; use the bits "
        "per note of 'continuo evaluate'");
  console.result()["runs"] = std::move(list);
  return arguments.has("chart") ? draw(found.runs, arguments, console) : Status{};
}

}  // namespace

cli::Command runs_command() {
  const auto over = runs::over_names();
  return {{.name = "runs",
           .summary = "Compare training runs: one table, and one picture of their validation curves",
           .description =
               "Finds the folders of runs in and below each DIR and lists them, the best validation first. Loss and "
               "validation are nats per token; the loss is the mean of the last 20 steps. Validations can be compared "
               "only between runs with the same data set and tokenizer. Options are those that differ between the "
               "runs. A run that is broken, or has no step yet, is left out and named.",
           .positionals = {{"DIR", "Folder to look in (default: the current one)", true, true}},
           .options = {{.name = "chart",
                        .type = cli::Type::kPath,
                        .unit = "FILE",
                        .help = "Draw the validation of all runs (.png, .svg)"},
                       {.name = "over",
                        .type = cli::Type::kChoice,
                        .unit = "NAME",
                        .help = "What the x axis of --chart counts",
                        .default_value = "tokens",
                        .choices = {over.begin(), over.end()}}},
           .examples = {"continuo runs", "continuo runs sweep --chart sweep.png --over minutes"}},
          list_runs,
          {}};
}

}  // namespace continuo::app
