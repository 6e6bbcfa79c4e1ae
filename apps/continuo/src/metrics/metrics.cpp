#include <optional>
#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/metrics/set_comparison.h"

#include "../commands.h"
#include "../common/table.h"
#include "measured_set.h"
#include "metrics_page.h"

namespace continuo::app {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

constexpr int kDigits = 3;

json or_null(std::optional<double> value) { return value ? json(*value) : json(nullptr); }

std::string cell(std::optional<double> value) { return value ? cli::fixed(*value, kDigits) : "-"; }

// Mean and deviation of one measure, "-" where no piece has it.
void add_cells(const metrics::MeanAndDeviation& summary, Row& row) {
  const bool has = summary.pieces > 0;
  row.push_back(has ? cli::fixed(summary.mean, kDigits) : "-");
  row.push_back(has ? cli::fixed(summary.deviation, kDigits) : "-");
}

json describe(const metrics::MeanAndDeviation& summary) {
  if (summary.pieces == 0) return nullptr;
  return {{"mean", summary.mean}, {"deviation", summary.deviation}, {"pieces", summary.pieces}};
}

json describe(const MeasuredSet& set) {
  json measures = json::object();
  for (const auto& field : metrics::measure_fields())
    measures[field.group][field.name] = describe(metrics::mean_and_deviation(set.values(field)));
  json each = json::array();
  for (const auto& piece : set.pieces) {
    json values = json::object();
    for (const auto& field : metrics::measure_fields())
      values[field.group][field.name] = or_null(field.value(piece.measures));
    json features = json::object();
    for (const auto& feature : metrics::mgeval_feature_list())
      features[feature.name] = feature.values(piece.measures.mgeval);
    each.push_back({{"piece", piece.name}, {"measures", values}, {"features", features}});
  }
  return {{"set", set.name}, {"pieces", set.pieces.size()}, {"measures", measures}, {"each", each}};
}

std::optional<double> overlap_of(const MeasuredSet& a, const MeasuredSet& b, const metrics::MeasureField& field) {
  const auto compared = metrics::compare_densities(a.values(field), b.values(field));
  if (!compared) return {};
  return compared->overlap;
}

void print_measures(const MeasuredSet& set, const MeasuredSet* against, cli::Console& console) {
  console.line("a: " + set.name + " (" + counted(set.pieces.size(), "piece", "pieces") + ")");
  if (against != nullptr)
    console.line("b: " + against->name + " (" + counted(against->pieces.size(), "piece", "pieces") + ")");
  std::vector<Row> rows = {{"measure", "mean a", "deviation"}};
  if (against != nullptr) rows.front().insert(rows.front().end(), {"mean b", "deviation", "overlap"});
  std::string_view group;
  for (const auto& field : metrics::measure_fields()) {
    if (field.group != group) {
      group = field.group;
      rows.emplace_back(rows.front().size()).front() = group;
    }
    Row row = {"  " + std::string(field.name)};
    add_cells(metrics::mean_and_deviation(set.values(field)), row);
    if (against != nullptr) {
      add_cells(metrics::mean_and_deviation(against->values(field)), row);
      row.push_back(cell(overlap_of(set, *against, field)));
    }
    rows.push_back(std::move(row));
  }
  print_table(rows, 1, console, LastColumn::number);
}

std::vector<metrics::MgevalFeatures> features_of(const MeasuredSet& set) {
  std::vector<metrics::MgevalFeatures> features;
  for (const auto& piece : set.pieces) features.push_back(piece.measures.mgeval);
  return features;
}

json describe(const std::optional<metrics::DensityComparison>& compared) {
  if (!compared) return nullptr;
  return {{"overlap", compared->overlap}, {"divergence", compared->divergence}};
}

template <typename Member>
std::optional<double> mean_overlap(const auto& comparisons, Member member) {
  double sum = 0, count = 0;
  for (const metrics::FeatureComparison& comparison : comparisons) {
    const std::optional<metrics::DensityComparison>& compared = comparison.*member;
    if (!compared) continue;
    sum += compared->overlap;
    ++count;
  }
  if (count == 0) return {};
  return sum / count;
}

void compare(const MeasuredSet& a, const MeasuredSet& b, ThreadPool& threads, cli::Console& console) {
  json& result = console.result()["comparison"];
  for (const auto& field : metrics::measure_fields())
    result["overlaps"][field.group][field.name] = or_null(overlap_of(a, b, field));
  if (a.pieces.size() < 2 || b.pieces.size() < 2) {
    console.line("distances within and between sets need two pieces in each");
    return;
  }
  const auto comparisons = metrics::compare_sets(features_of(a), features_of(b), threads);
  using Comparison = metrics::FeatureComparison;
  std::vector<Row> rows = {
      {"distance", "within a", "within b", "between", "overlap a", "overlap b", "divergence a", "divergence b"}};
  for (const auto& comparison : comparisons) {
    result["features"][comparison.feature] = {{"distance_within_a", comparison.distance_within_a},
                                              {"distance_within_b", comparison.distance_within_b},
                                              {"distance_between", comparison.distance_between},
                                              {"a_to_between", describe(comparison.a_to_between)},
                                              {"b_to_between", describe(comparison.b_to_between)}};
    Row row = {"  " + std::string(comparison.feature)};
    for (const double distance :
         {comparison.distance_within_a, comparison.distance_within_b, comparison.distance_between})
      row.push_back(cli::fixed(distance, kDigits));
    for (const auto member : {&Comparison::a_to_between, &Comparison::b_to_between})
      row.push_back(comparison.*member ? cli::fixed((comparison.*member)->overlap, kDigits) : "-");
    for (const auto member : {&Comparison::a_to_between, &Comparison::b_to_between})
      row.push_back(comparison.*member ? cli::fixed((comparison.*member)->divergence, kDigits) : "-");
    rows.push_back(std::move(row));
  }
  const auto mean_a = mean_overlap(comparisons, &Comparison::a_to_between);
  const auto mean_b = mean_overlap(comparisons, &Comparison::b_to_between);
  rows.push_back({"  mean overlap", "", "", "", cell(mean_a), cell(mean_b), "", ""});
  result["mean_overlap_a"] = or_null(mean_a);
  result["mean_overlap_b"] = or_null(mean_b);
  console.line("");
  print_table(rows, 1, console, LastColumn::number);
}

Status measure(const cli::Arguments& arguments, cli::Console& console) {
  if (arguments.has("html")) CONTINUO_TRY(check_writable(arguments.path("html")));
  const MeasuredPart part{.most = std::size_t(arguments.integer("max_pieces")),
                          .split = arguments.has("split") ? arguments.text("split") : "",
                          .bars = std::size_t(arguments.integer("first_bars"))};
  ThreadPool threads(arguments.threads());
  CONTINUO_ASSIGN(const auto set, measure_set(arguments.positionals(), part, threads, console));
  std::optional<MeasuredSet> against;
  if (arguments.has("against")) {
    const std::vector<std::string> other = {arguments.text("against")};
    CONTINUO_ASSIGN(against, measure_set(other, part, threads, console));
  }
  console.result() = describe(set);
  if (against) console.result()["against"] = describe(*against);
  print_measures(set, against ? &*against : nullptr, console);
  if (against) compare(set, *against, threads, console);
  if (arguments.has("html")) {
    const auto page = arguments.path("html");
    const std::string title = arguments.has("title") ? arguments.text("title") : set.name;
    CONTINUO_TRY(write_file(page, metrics_page(title, set, against ? &*against : nullptr, page.parent_path())));
    console.result()["html"] = page.string();
    console.line(page.string() + ": written");
  }
  if (!set.outcome.ok()) return set.outcome;
  return against ? against->outcome : Status{};
}

}  // namespace

cli::Command metrics_command() {
  return {{.name = "metrics",
           .summary = "Measure music, and how far composed music is from the music that it should be like",
           .description =
               "Prints the mean and the deviation of each measure over all pieces. The measures have the definitions "
               "of the packages that they are known from: muspy (MusPy 0.5), musdr (the Jazz Transformer's), mgeval; "
               "continuo has those of 'continuo inspect --statistics'; faults are what a listener notices: how often "
               "a bar comes in a row, the longest silence in quarters, the longest note in bars. With --against, "
               "overlap is the area that the densities of both sets share (0 to 1), and a second table has mgeval's "
               "distances: of the pieces within each set, and between both. Its overlaps and divergences are those of "
               "the distances within a set and the distances between: 1 and 0 where pieces are as far from the other "
               "set as from their own. docs/metrics.md defines each measure.",
           .positionals = {{"A", "Music: files, folders, .txt files that list files, data sets", true}},
           .options = {{.name = "against",
                        .type = cli::Type::kPath,
                        .unit = "B",
                        .help = "Compare with this music: a folder, a list, a data set or a file"},
                       {.name = "first_bars",
                        .type = cli::Type::kInteger,
                        .unit = "N",
                        .help = "Measure the first N bars of each piece, so that pieces of like length are compared; "
                                "0: all",
                        .default_value = "0",
                        .range = {.least = 0}},
                       {.name = "split",
                        .type = cli::Type::kChoice,
                        .unit = "NAME",
                        .help = "Measure this part of data sets alone",
                        .choices = {"train", "validation", "test"}},
                       {.name = "html",
                        .type = cli::Type::kPath,
                        .unit = "FILE",
                        .help = "Write a page with tables, plots, and a player and a piano roll for each piece of A "
                                "that has a .wav and a .png or .svg beside it"},
                       {.name = "title", .unit = "TEXT", .help = "Heading of the page [default: A]"},
                       {.name = "max_pieces",
                        .type = cli::Type::kInteger,
                        .unit = "N",
                        .help = "Measure at most N files of each set, equally spaced; 0: all",
                        .default_value = "200",
                        .range = {.least = 0}}},
           .examples = {"continuo metrics composed --against data/mine",
                        "continuo metrics composed --against data/mine --split test",
                        "continuo metrics composed --against ~/midi --html composed/index.html"}},
          measure,
          {}};
}

}  // namespace continuo::app
