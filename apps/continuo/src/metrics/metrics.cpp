#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"

#include "../commands.h"
#include "../common/table.h"
#include "measured_set.h"
#include "metrics_page.h"
#include "set_differences.h"

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
  return {{"set", set.name},
          {"pieces", set.pieces.size()},
          {"left_out", set.left_out},
          {"measures", measures},
          {"each", each}};
}

void print_measures(const MeasuredSet& set, const MeasuredSet* against, const SetDifferences& found,
                    cli::Console& console) {
  console.line("A: " + set.name + " (" + counted(set.pieces.size(), "piece", "pieces") + ")");
  if (against != nullptr)
    console.line("B: " + against->name + " (" + counted(against->pieces.size(), "piece", "pieces") + ")");
  std::vector<Row> rows = {{"measure", "mean A", "deviation"}};
  if (against != nullptr) rows.front().insert(rows.front().end(), {"mean B", "deviation", "overlap"});
  std::string_view group;
  for (std::size_t i = 0; i < metrics::measure_fields().size(); ++i) {
    const metrics::MeasureField& field = metrics::measure_fields()[i];
    if (field.is_of_structure && !set.has_structure) continue;
    if (field.group != group) {
      group = field.group;
      rows.emplace_back(rows.front().size()).front() = group;
    }
    Row row = {"  " + std::string(field.name)};
    add_cells(metrics::mean_and_deviation(set.values(field)), row);
    if (against != nullptr) {
      add_cells(metrics::mean_and_deviation(against->values(field)), row);
      row.push_back(cell(found.overlaps[i]));
    }
    rows.push_back(std::move(row));
  }
  print_table(rows, 1, console, LastColumn::number);
}

json describe(const std::optional<metrics::DensityComparison>& compared) {
  if (!compared) return nullptr;
  return {{"overlap", compared->overlap}, {"divergence", compared->divergence}};
}

json describe(const SetDifferences& found) {
  json result = json::object();
  for (std::size_t i = 0; i < found.overlaps.size(); ++i) {
    const metrics::MeasureField& field = metrics::measure_fields()[i];
    result["overlaps"][field.group][field.name] = or_null(found.overlaps[i]);
  }
  result["mean_overlap_a"] = or_null(found.mean_overlap_a);
  result["mean_overlap_b"] = or_null(found.mean_overlap_b);
  if (!found.distances) return result;
  for (const auto& comparison : *found.distances) {
    result["features"][comparison.feature] = {{"distance_within_a", comparison.distance_within_a},
                                              {"distance_within_b", comparison.distance_within_b},
                                              {"distance_between", comparison.distance_between},
                                              {"a_to_between", describe(comparison.a_to_between)},
                                              {"b_to_between", describe(comparison.b_to_between)}};
  }
  return result;
}

void print_distances(const SetDifferences& found, cli::Console& console) {
  console.line("");
  if (!found.distances) {
    console.line("distances within and between sets need two pieces with pitched notes in each");
    return;
  }
  std::vector<Row> rows = {
      {"distance", "within A", "within B", "between", "overlap A", "overlap B", "divergence A", "divergence B"}};
  for (const auto& comparison : *found.distances) {
    Row row = {"  " + std::string(comparison.feature)};
    for (const double distance :
         {comparison.distance_within_a, comparison.distance_within_b, comparison.distance_between})
      row.push_back(cli::fixed(distance, kDigits));
    for (const auto& compared : {comparison.a_to_between, comparison.b_to_between})
      row.push_back(compared ? cli::fixed(compared->overlap, kDigits) : "-");
    for (const auto& compared : {comparison.a_to_between, comparison.b_to_between})
      row.push_back(compared ? cli::fixed(compared->divergence, kDigits) : "-");
    rows.push_back(std::move(row));
  }
  rows.push_back({"  mean overlap", "", "", "", cell(found.mean_overlap_a), cell(found.mean_overlap_b), "", ""});
  print_table(rows, 1, console, LastColumn::number);
}

// A page in place of music that it is about would lose that music.
Status check_page(const std::filesystem::path& page, const MeasuredSet& set, const cli::Arguments& arguments) {
  std::vector<std::filesystem::path> read = set.files;
  read.insert(read.end(), arguments.positionals().begin(), arguments.positionals().end());
  if (arguments.has("against")) read.push_back(arguments.path("against"));
  for (const auto& file : read) {
    std::error_code ignored;
    if (std::filesystem::equivalent(file, page, ignored))
      return Error{ErrorCode::invalid_argument, "is what is measured; name another --html page", {}, page.string()};
  }
  return {};
}

Status write_page(const MeasuredSet& set, const MeasuredSet* against, const SetDifferences& found,
                  const cli::Arguments& arguments, cli::Console& console) {
  const auto path = arguments.path("html");
  CONTINUO_TRY(check_page(path, set, arguments));
  if (against != nullptr) CONTINUO_TRY(check_page(path, *against, arguments));
  const PageText text{.title = arguments.has("title") ? arguments.text("title") : set.name,
                      .folder = path.parent_path()};
  CONTINUO_TRY(write_file(path, metrics_page(text, set, against, found)));
  console.result()["html"] = path.string();
  console.line(path.string() + ": written");
  return {};
}

Status measure(const cli::Arguments& arguments, cli::Console& console) {
  if (arguments.has("html")) CONTINUO_TRY(check_writable(arguments.path("html")));
  const MeasuredPart part{.most = std::size_t(arguments.integer("max_pieces")),
                          .split = arguments.has("split") ? arguments.text("split") : "",
                          .bars = std::size_t(arguments.integer("first_bars")),
                          .structure = arguments.flag("structure")};
  ThreadPool threads(arguments.threads());
  CONTINUO_ASSIGN(const auto set, measure_set(arguments.positionals(), part, threads, console));
  std::optional<MeasuredSet> other;
  if (arguments.has("against")) {
    const std::vector<std::string> names = {arguments.text("against")};
    CONTINUO_ASSIGN(other, measure_set(names, part, threads, console));
  }
  const MeasuredSet* const against = other ? &*other : nullptr;
  const SetDifferences found = against != nullptr ? differences(set, *against, threads) : SetDifferences();
  console.result() = describe(set);
  if (against != nullptr) {
    console.result()["against"] = describe(*against);
    console.result()["comparison"] = describe(found);
  }
  print_measures(set, against, found, console);
  if (against != nullptr) print_distances(found, console);
  return arguments.has("html") ? write_page(set, against, found, arguments, console) : Status{};
}

}  // namespace

cli::Command metrics_command() {
  return {{.name = "metrics",
           .summary = "Measure music, and how far composed music is from the music that it should be like",
           .description =
               "Prints the mean and the deviation of each measure over all pieces. The groups are named after the "
               "packages whose definitions they have: muspy (MusPy 0.5), musdr (MusDr, of the Jazz Transformer) and "
               "mgeval; continuo has those of 'continuo inspect --statistics'. Faults are what a listener notices: "
               "the most times that a bar is repeated in a row, the longest silence in quarters, the longest note in "
               "bars. docs/metrics.md defines each.\n"
               "With --against, overlap is the area that the densities of both sets share: 1 where their pieces have "
               "the same spread of values, 0 where they have none in common. A second table has mgeval's distances: "
               "of the pieces within A, within B, and between them. Overlap 1 and divergence 0 mean that the pieces "
               "are as far from the other set as from their own. Files that cannot be read are named and left out.",
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
                       {.name = "structure",
                        .type = cli::Type::kFlag,
                        .help = "Measure structureness, too: how well a passage of 3 to 8, 8 to 15, or 15 seconds and "
                                "more explains the piece by coming back. Takes some seconds for each piece of minutes"},
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
