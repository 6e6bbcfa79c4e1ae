#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/cli/console.h"
#include "continuo/tokens/miditok_json.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "commands.h"

namespace continuo::app {
namespace {

using nlohmann::json;

Error misused(const std::string& option, const std::string& text, const std::string& form) {
  return {ErrorCode::invalid_argument, "--" + option + ": '" + text + "' is not of the form " + form, {}, {}};
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// "0-4:8" with the separators "-:" is [0,4,8]; null where the text is of another form.
json numbers_of(const std::string& text, std::string_view separators) {
  json numbers = json::array();
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i <= separators.size(); ++i) {
    if (i > 0 && (at == end || *at++ != separators[i - 1])) return nullptr;
    unsigned number = 0;
    const auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc()) return nullptr;
    numbers.push_back(number);
    at = read.ptr;
  }
  return at == end ? numbers : json(nullptr);
}

// A list of such; "no" is an empty one.
json rows_of(const std::string& text, std::string_view separators) {
  json rows = json::array();
  if (text == "no") return rows;
  for (const std::string& part : split_at_commas(text)) {
    rows.push_back(numbers_of(part, separators));
    if (rows.back().is_null()) return nullptr;
  }
  return rows;
}

struct Named {
  const char* option;
  const char* key;  // in a tokenizer's description
};
constexpr Named kIntegers[] = {{"velocities", "velocity_bins"},
                               {"pitch-bends", "pitch_bends"},
                               {"max-bars", "max_bars"},
                               {"ticks-per-beat", "ticks_per_beat"},
                               {"microtiming-words", "microtiming_words"},
                               {"microtiming-fraction", "microtiming_fraction"},
                               {"positions", "positions_per_quarter"}};
constexpr Named kTexts[] = {{"overlaps", "overlaps"}, {"tracks-in", "base"}};
constexpr const char* kKinds[] = {"programs", "meters", "tempos", "keys", "chords", "pedals"};

Status set_kinds(const cli::Arguments& arguments, const char* option, bool wanted, json& changes) {
  if (!arguments.has(option)) return {};
  for (const std::string& kind : split_at_commas(arguments.text(option))) {
    if (std::find(std::begin(kKinds), std::end(kKinds), kind) == std::end(kKinds))
      return misused(option, kind, "programs, meters, tempos, keys, chords or pedals");
    changes[kind] = wanted;
  }
  return {};
}

// A range of the form "21-108" becomes two options, "40-250:32" three.
Status set_range(const cli::Arguments& arguments, const char* option, const char* form,
                 std::initializer_list<const char*> keys, json& changes) {
  if (!arguments.has(option)) return {};
  const json numbers = numbers_of(arguments.text(option), keys.size() == 2 ? "-" : "-:");
  if (numbers.is_null()) return misused(option, arguments.text(option), form);
  for (std::size_t i = 0; i < keys.size(); ++i) changes[keys.begin()[i]] = numbers[i];
  return {};
}

Status set_rows(const cli::Arguments& arguments, Named named, const char* form, std::string_view separators,
                json& changes) {
  if (!arguments.has(named.option)) return {};
  changes[named.key] = rows_of(arguments.text(named.option), separators);
  return changes[named.key].is_null() ? Status(misused(named.option, arguments.text(named.option), form)) : Status();
}

// What the command line changes of a description's options.
Result<json> changes_of(const cli::Arguments& arguments) {
  json changes = json::object();
  CONTINUO_TRY(set_rows(arguments, {"grid", "resolutions"}, "0-4:8,4-12:4", "-:", changes));
  CONTINUO_TRY(set_rows(arguments, {"rests", "rests"}, "0-1:8,1-12:2, or no", "-:", changes));
  CONTINUO_TRY(set_rows(arguments, {"meters", "meter_words"}, "4/4,3/4,6/8", "/", changes));
  CONTINUO_TRY(set_range(arguments, "pitches", "21-108", {"lowest_pitch", "highest_pitch"}, changes));
  CONTINUO_TRY(set_range(arguments, "drum-pitches", "27-87", {"lowest_drum", "highest_drum"}, changes));
  CONTINUO_TRY(set_range(arguments, "tempos", "40-250:32", {"slowest_tempo", "fastest_tempo", "tempo_words"}, changes));
  CONTINUO_TRY(set_kinds(arguments, "with", true, changes));
  CONTINUO_TRY(set_kinds(arguments, "without", false, changes));
  for (const Named& named : kIntegers)
    if (arguments.has(named.option)) changes[named.key] = arguments.integer(named.option);
  for (const Named& named : kTexts)
    if (arguments.has(named.option)) changes[named.key] = arguments.text(named.option);
  if (arguments.flag("log-tempos")) changes["log_tempos"] = true;
  if (arguments.flag("drums")) changes["drums"] = true;
  return changes;
}

Result<std::shared_ptr<const tokens::Tokenizer>> changed(const tokens::Tokenizer& from, const json& changes) {
  json description = from.to_json();
  for (const auto& [key, value] : changes.items()) {
    if (!description["options"].contains(key))
      return Error{
          ErrorCode::invalid_argument, std::string(from.name()) + " has no option '" + key + "' to change", {}, {}};
    description["options"][key] = value;
  }
  CONTINUO_ASSIGN(auto made, tokens::tokenizer_from_json(description));
  const json result = made->to_json();
  for (const auto& [key, value] : changes.items())
    if (result["options"][key] != value)
      return Error{ErrorCode::invalid_argument, std::string(from.name()) + " has no use for '" + key + "' so", {}, {}};
  return made;
}

Status make(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& name = arguments.positional();
  const std::filesystem::path output = arguments.path("output");
  if (tokens::needs_learning(name))
    return Error{ErrorCode::invalid_argument, name + " learns its words: 'continuo dataset build' makes it", {}, {}};
  CONTINUO_ASSIGN(const auto plain, tokens::make_tokenizer(name));
  CONTINUO_ASSIGN(const json changes, changes_of(arguments));
  CONTINUO_ASSIGN(const auto made, changed(*plain, changes));
  CONTINUO_TRY(write_file(output, tokens::miditok_json(*made).dump(1) + "\n"));
  const int words = made->vocabulary().size();
  console.result() = {{"output", output.string()}, {"tokenizer", made->name()}, {"words", words}};
  console.line(output.string() + ": " + std::string(made->name()) + ", " + cli::grouped(std::uint64_t(words)) +
               " words");
  return {};
}

cli::Option text_option(const char* name, const char* placeholder, const char* help) {
  return {.names = std::string("--") + name, .placeholder = placeholder, .help = help};
}

cli::Option number_option(const char* name, const char* help, double most) {
  return {.names = std::string("--") + name,
          .kind = cli::Kind::kInteger,
          .placeholder = "N",
          .help = help,
          .minimum = 0,
          .maximum = most};
}

}  // namespace

cli::Command tokenizer_make_command() {
  return {
      {.name = "tokenizer make",
       .summary = "Make a tokenizer with other words than its usual ones",
       .details = "The file goes where a tokenizer is named, and MidiTok reads it, too, for the tokenizers that both "
                  "have.\n"
                  "Lengths in beats: 0-4:8,4-12:4 tells lengths up to 4 beats apart in eighths of a beat, up to 12 in "
                  "fourths.\n\n"
                  "  continuo tokenizer make tsd --grid 0-2:12,2-8:6 --velocities 16 --with keys,pedals -o mine.json\n"
                  "  continuo tokenize piece.mid --tokenizer mine.json",
       .positionals = {{"NAME", "A tokenizer of 'continuo tokenize --help', or a file to begin with"}},
       .options = {{.names = "-o,--output",
                    .kind = cli::Kind::kPath,
                    .placeholder = "FILE.json",
                    .help = "The tokenizer",
                    .required = true},
                   text_option("with", "KINDS", "Words for programs,meters,tempos,keys,chords,pedals"),
                   text_option("without", "KINDS", "No words for some of these"),
                   text_option("grid", "LENGTHS", "Steps per beat by length; onsets take the finest"),
                   text_option("rests", "LENGTHS", "Words for silences; no: none"),
                   number_option("velocities", "How many words for loudness; 0: none", 127),
                   text_option("pitches", "A-B", "Notes outside are left out"),
                   text_option("drum-pitches", "A-B", "The same for drums"),
                   text_option("meters", "LIST", "Time signatures that are words: 4/4,3/4,6/8"),
                   text_option("tempos", "A-B:N", "N words for A to B beats per minute"),
                   {.names = "--log-tempos", .kind = cli::Kind::kFlag, .help = "Tempos in equal ratios"},
                   number_option("pitch-bends", "How many words for pitch bends; 0: none", 1024),
                   {.names = "--overlaps",
                    .kind = cli::Kind::kChoice,
                    .placeholder = "RULE",
                    .help = "Notes of one pitch that meet: cut, or as MidiTok leaves them",
                    .choices = {"cut", "shortest", "kept"}},
                   number_option("max-bars", "Bars that octuple and mumidi can name", 4096),
                   {.names = "--tracks-in",
                    .kind = cli::Kind::kChoice,
                    .placeholder = "NAME",
                    .help = "What mmm tells its tracks in",
                    .choices = {"tsd", "remi_plus"}},
                   number_option("ticks-per-beat", "The clock of per_tok", 960),
                   number_option("microtiming-words", "Deviations of per_tok on either side of the grid", 64),
                   number_option("microtiming-fraction", "They reach to 1/N of a beat", 64),
                   number_option("positions", "Positions of remi per quarter: 4, 8, 12, 16 or 24", 24),
                   {.names = "--drums", .kind = cli::Kind::kFlag, .help = "performance for drums"}}},
      make,
      {}};
}

}  // namespace continuo::app
