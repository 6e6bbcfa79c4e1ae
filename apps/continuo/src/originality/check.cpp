#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/base/thread_pool.h"
#include "continuo/cli/console.h"
#include "continuo/originality/passages.h"

#include "../commands.h"
#include "../common/music_input.h"
#include "../common/table.h"
#include "original_option.h"

namespace continuo::app {
namespace {

using nlohmann::json;
using originality::Index;
using originality::Passage;
using originality::Report;

constexpr std::size_t kMostSources = 5;  // that a report has

struct Checked {
  std::string name;
  Report report;
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

json describe(const Checked& checked, const Index& index) {
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

std::string share_text(const Report& report) {
  return report.notes == 0 ? "-" : cli::fixed(100 * double(report.shared_notes) / double(report.notes), 1) + " %";
}

std::vector<std::string> row_of(const Checked& checked, const Index& index) {
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

// Every piece of the inputs, those that cannot be read named and left out.
Result<std::vector<Checked>> check_all(const std::vector<MusicInput>& inputs, const Index& index, std::size_t least,
                                       ThreadPool& threads, cli::Console& console) {
  std::vector<std::vector<Checked>> found(inputs.size());
  std::vector<std::optional<Error>> errors(inputs.size());
  threads.for_each_task(inputs.size(), [&](std::size_t i) {
    const auto file = inputs[i].read();
    if (!file.ok()) {
      errors[i] = file.error().in_file(inputs[i].name);
      return;
    }
    for (const auto& piece : file->pieces)
      found[i].push_back({inputs[i].relative.string(), find_passages(index, piece.score, least)});
  });
  std::vector<Checked> all;
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

Status check(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const Index index, open_whole_index(arguments.path("index")));
  CONTINUO_ASSIGN(auto inputs, music_inputs(arguments.positionals()));
  for (const std::string& note : inputs.notes) console.note("continuo: note: " + note);
  if (arguments.has("split")) keep_split(arguments.text("split"), inputs.inputs);
  ThreadPool threads(arguments.threads());
  const auto least = std::size_t(arguments.integer("least"));
  CONTINUO_ASSIGN(const auto all, check_all(inputs.inputs, index, least, threads, console));
  std::vector<std::vector<std::string>> rows = {
      {"piece", "notes", "shared", "longest", "bars", "semitones", "rhythm", "source bars", "source"}};
  json pieces = json::array();
  std::size_t sharing = 0, notes = 0, shared = 0;
  for (const Checked& checked : all) {
    rows.push_back(row_of(checked, index));
    pieces.push_back(describe(checked, index));
    sharing += std::size_t(!checked.report.sources.empty());
    notes += checked.report.notes;
    shared += checked.report.shared_notes;
  }
  print_table(rows, 1, console);
  if (notes > 0)
    console.line(std::to_string(sharing) + " of " + counted(all.size(), "piece", "pieces") + " with passages of " +
                 std::to_string(least) + " notes and more that the index has, in which are " +
                 cli::fixed(100 * double(shared) / double(notes), 2) + " % of all notes but drums");
  console.result() = {{"least", least}, {"pieces", pieces},       {"pieces_sharing", sharing},
                      {"notes", notes}, {"shared_notes", shared}, {"index", arguments.text("index")}};
  return {};
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
           "are left out. docs/originality.md says what is found and what is not, and how much human music "
           "shares.",
       .positionals = {{"MUSIC", music_input_help(), true}},
       .options = {{.name = "index",
                    .type = cli::Type::kPath,
                    .unit = "INDEX",
                    .help = "Index that 'continuo originality build' has made",
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
       .examples = {"continuo originality check composed --index mine.index",
                    "continuo originality check data/mine --split test --index mine.index"}},
      check,
      {}};
}

}  // namespace continuo::app
