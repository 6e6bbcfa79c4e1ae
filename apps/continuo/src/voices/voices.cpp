#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/corpus/nsynth.h"

#include "../commands.h"
#include "../common/table.h"

namespace continuo::app {
namespace {

using nlohmann::json;

// "25,50,75,100,127"
std::string listed(const std::set<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

std::set<int> velocities_of(const corpus::NsynthInstrument& instrument) {
  std::set<int> velocities;
  for (const auto& note : instrument.notes) velocities.insert(note.velocity);
  return velocities;
}

double share_of(std::uint64_t notes, const corpus::NsynthInstrument& instrument) {
  return std::min(1.0, double(notes) / double(instrument.notes.size()));
}

json describe(const corpus::NsynthInstrument& instrument) {
  json qualities = json::object();
  for (const auto& [name, count] : instrument.qualities) qualities[name] = share_of(count, instrument);
  return {{"name", instrument.name},
          {"family", instrument.family},
          {"source", instrument.source},
          {"notes", instrument.notes.size()},
          {"lowest_pitch", instrument.notes.front().pitch},
          {"highest_pitch", instrument.notes.back().pitch},
          {"velocities", velocities_of(instrument)},
          {"qualities", qualities}};
}

// "dark 100 %, reverb 20 %", the most frequent first.
std::string qualities_text(const corpus::NsynthInstrument& instrument) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(instrument.qualities.begin(), instrument.qualities.end());
  std::ranges::stable_sort(sorted, std::ranges::greater{}, [](const auto& quality) { return quality.second; });
  std::string text;
  for (const auto& [name, count] : sorted)
    text += (text.empty() ? "" : ", ") + name + " " + cli::fixed(100 * share_of(count, instrument), 0) + " %";
  return text;
}

std::vector<std::string> row_of(const corpus::NsynthInstrument& instrument) {
  const int lowest = instrument.notes.front().pitch, highest = instrument.notes.back().pitch;
  return {instrument.family,
          instrument.name,
          instrument.source,
          listed(velocities_of(instrument)),
          std::to_string(lowest) + (highest > lowest ? "-" + std::to_string(highest) : ""),
          grouped(instrument.notes.size()),
          qualities_text(instrument)};
}

Status list_voices(const cli::Arguments& arguments, cli::Console& console) {
  const std::filesystem::path folder = arguments.positional();
  CONTINUO_ASSIGN(auto instruments, corpus::nsynth_instruments(folder));
  std::set<std::string> families;
  for (const auto& instrument : instruments) families.insert(instrument.family);
  if (arguments.has("family")) {
    const std::string& family = arguments.text("family");
    if (!families.contains(family))
      return Error{ErrorCode::not_found,
                   "has no instruments of the family '" + family + "' (it has " +
                       options::alternatives({families.begin(), families.end()}) + ")",
                   {},
                   folder.string()};
    std::erase_if(instruments, [&](const auto& instrument) { return instrument.family != family; });
  }
  std::vector<std::vector<std::string>> rows = {
      {"family", "instrument", "source", "velocities", "pitches", "notes", "qualities, by share of its notes"}};
  json list = json::array();
  std::size_t notes = 0;
  for (const auto& instrument : instruments) {
    rows.push_back(row_of(instrument));
    list.push_back(describe(instrument));
    notes += instrument.notes.size();
  }
  print_table(rows, 4, console);
  console.line(counted(instruments.size(), "instrument", "instruments") + ", " + counted(notes, "note", "notes"));
  console.result() = {{"folder", folder.string()}, {"notes", notes}, {"instruments", std::move(list)}};
  return {};
}

}  // namespace

cli::Command voices_command() {
  return {{.name = "voices",
           .summary = "List the instruments of NSynth that --voice can play with",
           .description = "Lists the instruments of a folder of NSynth by family: their notes, pitches and "
                          "velocities, and how many of the notes have each quality. DIR holds nsynth-train, "
                          "nsynth-valid or nsynth-test, or is one of them: an examples.json and audio/*.wav. No sound "
                          "is read. NSynth is by Engel et al. 2017, under the licence CC BY 4.0; "
                          "https://magenta.tensorflow.org/datasets/nsynth has it.",
           .positionals = {{"DIR", "Folder of NSynth"}},
           .options = {{.name = "family", .unit = "NAME", .help = "This family alone, such as guitar"}},
           .examples = {"continuo voices data/nsynth", "continuo voices data/nsynth --family guitar",
                        "continuo render song.mid -o song.wav --voice nsynth:data/nsynth"}},
          list_voices,
          {}};
}

}  // namespace continuo::app
