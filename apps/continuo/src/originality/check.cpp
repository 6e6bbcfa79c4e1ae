#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/base/thread_pool.h"
#include "continuo/cli/console.h"
#include "continuo/originality/passages.h"
#include "continuo/originality/sketch.h"

#include "../commands.h"
#include "../common/music_input.h"
#include "../common/shipped_models.h"
#include "../common/table.h"
#include "original_option.h"

namespace continuo::app {
namespace {

using nlohmann::json;
using originality::Index;
using originality::Passage;
using originality::Report;
using originality::Sketch;
using originality::SketchReport;

constexpr std::size_t kMostSources = 5;  // that a report has

template <typename Found>
struct Checked {
  std::string name;
  Found report;
};

// "5-8", or "5".
std::string bars_text(int first, int last) {
  return std::to_string(first) + (last > first ? "-" + std::to_string(last) : "");
}

std::string key_text(int transposition) { return (transposition > 0 ? "+" : "") + std::to_string(transposition); }

json describe(const Passage& passage) {
  return {{"notes", passage.notes},
          {"track", passage.track + 1},
          {"bars", {passage.first_bar, passage.last_bar}},
          {"source_track", passage.source_track + 1},
          {"source_bars", {passage.source_first_bar, passage.source_last_bar}},
          {"transposition", passage.transposition},
          {"rhythm", passage.rhythm}};
}

json describe(const Checked<Report>& checked, const Index& index) {
  json sources = json::array();
  const auto& all = checked.report.sources;
  for (std::size_t i = 0; i < std::min(all.size(), kMostSources); ++i)
    sources.push_back(
        {{"piece", index.piece(all[i].piece)}, {"notes", all[i].notes}, {"longest", describe(all[i].longest)}});
  return {{"piece", checked.name},
          {"notes", checked.report.notes},
          {"shared_notes", checked.report.shared_notes},
          {"longest", checked.report.longest()},
          {"sources", sources}};
}

std::string share_text(const auto& report) {
  return report.notes == 0 ? "-" : cli::fixed(100 * double(report.shared_notes) / double(report.notes), 1) + " %";
}

std::vector<std::string> row_of(const Checked<Report>& checked, const Index& index) {
  const Report& report = checked.report;
  std::vector<std::string> row = {checked.name, grouped(report.notes), share_text(report), grouped(report.longest())};
  if (report.sources.empty()) {
    row.insert(row.end(), {"-", "-", "-", "-", "-"});
    return row;
  }
  const Passage& passage = report.sources[0].longest;
  row.insert(row.end(), {bars_text(passage.first_bar, passage.last_bar), key_text(passage.transposition),
                         cli::fixed(passage.rhythm, 2), bars_text(passage.source_first_bar, passage.source_last_bar),
                         index.piece(passage.source)});
  return row;
}

// Every piece of the inputs, those that cannot be read named and left out. `known`: an Index or a Sketch.
template <typename Known, typename Found = decltype(find_passages(std::declval<Known>(), score::Score(), 0))>
Result<std::vector<Checked<Found>>> check_all(const std::vector<MusicInput>& inputs, const Known& known,
                                              std::size_t least, ThreadPool& threads, cli::Console& console) {
  std::vector<std::vector<Checked<Found>>> found(inputs.size());
  std::vector<std::optional<Error>> errors(inputs.size());
  threads.for_each_task(inputs.size(), [&](std::size_t i) {
    const auto file = inputs[i].read();
    if (!file.ok()) {
      errors[i] = file.error().in_file(inputs[i].name);
      return;
    }
    for (const auto& piece : file->pieces)
      found[i].push_back({inputs[i].relative.string(), find_passages(known, piece.score, least)});
  });
  std::vector<Checked<Found>> all;
  std::optional<Error> last;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    all.insert(all.end(), found[i].begin(), found[i].end());
    if (errors[i]) last = errors[i];
  }
  const bool is_the_error = all.empty() && inputs.size() == 1;  // that is returned
  for (const auto& error : errors)
    if (error && !is_the_error) console.note("continuo: note: not checked: " + error->to_line());
  if (!all.empty()) return all;
  return last.value_or(Error{ErrorCode::empty, "there is no music to check", {}, {}});
}

struct Totals {
  std::size_t pieces = 0, sharing = 0, notes = 0, shared = 0;

  void add(const auto& report, bool shares) {
    ++pieces;
    sharing += std::size_t(shares);
    notes += report.notes;
    shared += report.shared_notes;
  }
};

void report_totals(const Totals& totals, std::size_t least, const char* what, cli::Console& console) {
  if (totals.notes > 0)
    console.line(std::to_string(totals.sharing) + " of " + counted(totals.pieces, "piece", "pieces") +
                 " with passages of " + std::to_string(least) + " notes and more that the " + what +
                 " has, in which are " + cli::fixed(100 * double(totals.shared) / double(totals.notes), 2) +
                 " % of all notes but drums");
  console.result()["least"] = least;
  console.result()["pieces_sharing"] = totals.sharing;
  console.result()["notes"] = totals.notes;
  console.result()["shared_notes"] = totals.shared;
}

Status check_with(const Index& index, const std::vector<MusicInput>& inputs, std::size_t least, ThreadPool& threads,
                  cli::Console& console) {
  CONTINUO_ASSIGN(const auto all, check_all(inputs, index, least, threads, console));
  std::vector<std::vector<std::string>> rows = {
      {"piece", "notes", "shared", "longest", "bars", "semitones", "rhythm", "source bars", "source"}};
  json pieces = json::array();
  Totals totals;
  for (const auto& checked : all) {
    rows.push_back(row_of(checked, index));
    pieces.push_back(describe(checked, index));
    totals.add(checked.report, !checked.report.sources.empty());
  }
  print_table(rows, 1, console);
  console.result()["pieces"] = pieces;
  report_totals(totals, least, "index", console);
  return {};
}

Status check_with(const Sketch& sketch, const std::vector<MusicInput>& inputs, std::size_t least, ThreadPool& threads,
                  cli::Console& console) {
  CONTINUO_ASSIGN(const auto all, check_all(inputs, sketch, least, threads, console));
  if (least < originality::kSurelyInSketch)
    console.note("continuo: note: of passages below " + std::to_string(originality::kSurelyInSketch) +
                 " notes a sketch finds some, and none below 16");
  std::vector<std::vector<std::string>> rows = {{"piece", "notes", "shared", "longest, at least"}};
  json pieces = json::array();
  Totals totals;
  for (const auto& [name, report] : all) {
    rows.push_back({name, grouped(report.notes), share_text(report), grouped(report.longest)});
    pieces.push_back(
        {{"piece", name}, {"notes", report.notes}, {"shared_notes", report.shared_notes}, {"longest", report.longest}});
    totals.add(report, report.longest > 0);
  }
  print_table(rows, 1, console);
  console.result()["pieces"] = pieces;
  report_totals(totals, least, "sketch", console);
  return {};
}

// The file that is given, or the sketch of the shipped model that has this name.
std::filesystem::path known_music(const std::filesystem::path& given) {
  std::error_code ignored;
  if (std::filesystem::exists(given, ignored)) return given;
  const auto model = model_named(given.string());
  return model ? sketch_of(*model) : given;
}

Status check(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(auto inputs, music_inputs(arguments.positionals()));
  for (const std::string& note : inputs.notes) console.note("continuo: note: " + note);
  if (arguments.has("split")) keep_split(arguments.text("split"), inputs.inputs);
  ThreadPool threads(arguments.threads());
  const auto least = std::size_t(arguments.integer("least"));
  const auto path = known_music(arguments.path("index"));
  console.result()["index"] = path.string();
  if (Sketch::is_one(path)) {
    CONTINUO_ASSIGN(const Sketch sketch, Sketch::open(path));
    return check_with(sketch, inputs.inputs, least, threads, console);
  }
  CONTINUO_ASSIGN(const Index index, open_whole_index(path));
  return check_with(index, inputs.inputs, least, threads, console);
}

}  // namespace

cli::Command originality_check_command() {
  return {
      {.name = "originality check",
       .summary = "Find the passages that pieces share with the music of an index",
       .description =
           "A passage is a run of notes of a track with the same intervals, in any key and at any tempo. For each "
           "piece it prints the share of its notes that are in passages of --least notes and more, and of the "
           "longest of them the number of notes, its bars, by how many semitones it is higher, the share of its "
           "notes that follow one another as in the source (rhythm), the source's bars and its name. Drums "
           "are left out, and a melody is found only where no other notes of its track come in between, as those of "
           "a left hand. docs/originality.md says what is found and what is not, and how much human music shares.",
       .positionals = {{"MUSIC", music_input_help(), true}},
       .options = {{.name = "index",
                    .type = cli::Type::kPath,
                    .unit = "INDEX",
                    .help = "Index that 'continuo originality build' has made, or a sketch, with which no sources "
                            "are found; the name of a model that comes with Continuo stands for its sketch",
                    .required = true},
                   {.name = "least",
                    .type = cli::Type::kInteger,
                    .unit = "N",
                    .help =
                        "Notes that a passage has at least; below 12 some are missed, and scales, trills and repeated "
                        "figures always",
                    .default_value = "16",
                    .range = {8, 1000000}},
                   {.name = "split",
                    .type = cli::Type::kChoice,
                    .unit = "NAME",
                    .help = "Check this part of data sets alone",
                    .choices = {"train", "validation", "test"}}},
       .examples = {"continuo originality check new.mid --index folk",
                    "continuo originality check composed --index mine.index",
                    "continuo originality check data/mine --split test --index mine.index"}},
      check,
      {}};
}

}  // namespace continuo::app
