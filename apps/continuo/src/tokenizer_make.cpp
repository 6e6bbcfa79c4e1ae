#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/tokens/miditok_json.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "commands.h"
#include "common/tokenizer_output.h"

namespace continuo::app {
namespace {

using nlohmann::json;

Error misused(const std::string& option, const std::string& what) {
  return {ErrorCode::invalid_argument, options::written({.name = option}, options::Syntax::kCommandLine) + ": " + what};
}

Error not_of_form(const std::string& option, const std::string& text, const std::string& form) {
  return misused(option, "'" + text + "' is not of the form " + form);
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
  const char* option;  // name of the field
  const char* key;     // in a tokenizer's description
};
constexpr Named kIntegers[] = {{"velocities", "velocity_bins"},
                               {"pitch_bends", "pitch_bends"},
                               {"max_bars", "max_bars"},
                               {"ticks_per_beat", "ticks_per_beat"},
                               {"microtiming_words", "microtiming_words"},
                               {"microtiming_fraction", "microtiming_fraction"},
                               {"positions", "positions_per_quarter"}};
constexpr Named kTexts[] = {{"overlaps", "overlaps"}, {"tracks_in", "base"}};
constexpr const char* kKinds[] = {"programs", "meters", "tempos", "keys", "chords", "pedals"};

// A value of a tokenizer's description, and the option of the command line that asks for it.
struct Change {
  std::string option;
  std::string key;
  json value;
};
using Changes = std::vector<Change>;

Status set_kinds(const cli::Arguments& arguments, const char* option, bool wanted, Changes& changes) {
  if (!arguments.has(option)) return {};
  for (const std::string& kind : split_at_commas(arguments.text(option))) {
    if (std::find(std::begin(kKinds), std::end(kKinds), kind) == std::end(kKinds))
      return misused(option, "'" + kind + "' is none of " + joined(kKinds));
    changes.push_back({option, kind, wanted});
  }
  return {};
}

// A range of the form "21-108" becomes two values, "40-250:32" three.
Status set_range(const cli::Arguments& arguments, const char* option, const char* form,
                 std::initializer_list<const char*> keys, Changes& changes) {
  if (!arguments.has(option)) return {};
  const json numbers = numbers_of(arguments.text(option), keys.size() == 2 ? "-" : "-:");
  if (numbers.is_null()) return not_of_form(option, arguments.text(option), form);
  for (std::size_t i = 0; i < keys.size(); ++i) changes.push_back({option, keys.begin()[i], numbers[i]});
  return {};
}

Status set_rows(const cli::Arguments& arguments, Named named, const char* form, std::string_view separators,
                Changes& changes) {
  if (!arguments.has(named.option)) return {};
  json rows = rows_of(arguments.text(named.option), separators);
  if (rows.is_null()) return not_of_form(named.option, arguments.text(named.option), form);
  changes.push_back({named.option, named.key, std::move(rows)});
  return {};
}

// What the command line changes of a description.
Result<Changes> changes_of(const cli::Arguments& arguments) {
  Changes changes;
  CONTINUO_TRY(set_rows(arguments, {"grid", "resolutions"}, "0-4:8,4-12:4", "-:", changes));
  CONTINUO_TRY(set_rows(arguments, {"rests", "rests"}, "0-1:8,1-12:2, or no", "-:", changes));
  CONTINUO_TRY(set_rows(arguments, {"meters", "meter_words"}, "4/4,3/4,6/8", "/", changes));
  CONTINUO_TRY(set_range(arguments, "pitches", "21-108", {"lowest_pitch", "highest_pitch"}, changes));
  CONTINUO_TRY(set_range(arguments, "drum_pitches", "27-87", {"lowest_drum", "highest_drum"}, changes));
  CONTINUO_TRY(set_range(arguments, "tempos", "40-250:32", {"slowest_tempo", "fastest_tempo", "tempo_words"}, changes));
  CONTINUO_TRY(set_kinds(arguments, "with", true, changes));
  CONTINUO_TRY(set_kinds(arguments, "without", false, changes));
  for (const Named& named : kIntegers)
    if (arguments.has(named.option)) changes.push_back({named.option, named.key, arguments.integer(named.option)});
  for (const Named& named : kTexts)
    if (arguments.has(named.option)) changes.push_back({named.option, named.key, arguments.text(named.option)});
  for (const char* flag : {"log_tempos", "drums"})
    if (arguments.flag(flag)) changes.push_back({flag, flag, true});
  return changes;
}

using TokenizerPointer = std::shared_ptr<const tokens::Tokenizer>;

// With all changes, or those of one option alone.
Result<TokenizerPointer> with_changes(json description, const Changes& changes, const std::string& option = {}) {
  for (const Change& change : changes)
    if (option.empty() || change.option == option) description["options"][change.key] = change.value;
  return tokens::tokenizer_from_json(description);
}

Result<TokenizerPointer> changed(const tokens::Tokenizer& from, const Changes& changes) {
  const json description = from.to_json();
  const std::string name(from.name());
  for (const Change& change : changes)
    if (!description["options"].contains(change.key))
      return misused(change.option, name + " does not have this option");
  auto made = with_changes(description, changes);
  if (!made.ok()) {
    for (const Change& change : changes)
      if (const auto alone = with_changes(description, changes, change.option); !alone.ok())
        return misused(change.option, alone.error().what);
    return made;
  }
  const json result = (*made)->to_json();
  for (const Change& change : changes)
    if (result["options"][change.key] != change.value)
      return misused(change.option, name + " cannot use this value of '" + change.key + "'");
  return made;
}

Status make(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& name = arguments.positional();
  const std::filesystem::path output = arguments.path("output");
  CONTINUO_TRY(check_tokenizer_output(output));
  if (tokens::needs_learning(name))
    return Error{ErrorCode::invalid_argument,
                 name + " has a vocabulary learned from data: 'continuo dataset build' creates it",
                 {},
                 {}};
  CONTINUO_ASSIGN(const auto plain, tokens::make_tokenizer(name));
  CONTINUO_ASSIGN(const Changes changes, changes_of(arguments));
  CONTINUO_ASSIGN(const auto made, changed(*plain, changes));
  CONTINUO_TRY(write_file(output, tokens::miditok_json(*made).dump(1) + "\n"));
  const int words = made->vocabulary().size();
  console.result() = {{"output", output.string()}, {"tokenizer", made->name()}, {"words", words}};
  console.line(output.string() + ": " + std::string(made->name()) + ", " + grouped(std::uint64_t(words)) + " tokens");
  return {};
}

cli::Field text_option(const char* name, const char* unit, const char* help) {
  return {.name = name, .unit = unit, .help = help};
}

cli::Field number_option(const char* name, const char* help, double most) {
  return {.name = name, .type = cli::Type::kInteger, .unit = "N", .help = help, .range = {0, most}};
}

cli::Field choice_option(const char* name, const char* help, std::vector<std::string> choices) {
  return {.name = name, .type = cli::Type::kChoice, .unit = "NAME", .help = help, .choices = std::move(choices)};
}

std::vector<cli::Field> options_of_many() {
  return options::in_group(
      "Options of most tokenizers",
      {text_option("with", "KINDS", "Add tokens for programs,meters,tempos,keys,chords,pedals (a list of these)"),
       text_option("without", "KINDS", "Leave out tokens for some of these"),
       text_option("grid", "LENGTHS", "Grid resolution per duration range; onsets use the finest"),
       text_option("rests", "LENGTHS", "Rest tokens; no: none"),
       number_option("velocities", "Number of velocity tokens; 0: none", 127),
       text_option("pitches", "A-B", "Pitch range; notes outside are left out"),
       text_option("drum_pitches", "A-B", "Pitch range of drums"),
       text_option("meters", "LIST", "Time signatures that have a token, such as 4/4,3/4,6/8"),
       text_option("tempos", "A-B:N", "N tempo tokens from A to B beats per minute"),
       {.name = "log_tempos", .type = cli::Type::kFlag, .help = "Space tempo tokens in equal ratios"},
       number_option("pitch_bends", "Number of pitch bend tokens; 0: none", 1024),
       choice_option("overlaps",
                     "Overlapping notes of the same pitch: cut the first where the second begins; of equal onsets keep "
                     "the shortest, as MidiTok does; or keep all",
                     {"cut", "shortest", "kept"})});
}

std::vector<cli::Field> options_of_one() {
  return options::in_group(
      "Options of one tokenizer",
      {number_option("max_bars", "Largest bar number (octuple, mumidi)", 4096),
       choice_option("tracks_in", "Base tokenizer for mmm tracks", {"tsd", "remi_plus"}),
       number_option("ticks_per_beat", "Time resolution (per_tok)", 960),
       number_option("microtiming_words", "Number of deviation tokens on either side of the grid (per_tok)", 64),
       number_option("microtiming_fraction", "Largest deviation, as 1/N of a beat (per_tok)", 64),
       {.name = "positions",
        .type = cli::Type::kChoice,
        .unit = "N",
        .help = "Positions per quarter note (remi)",
        .choices = {"4", "8", "12", "16", "24"}},
       {.name = "drums", .type = cli::Type::kFlag, .help = "Encode drums instead of pitched notes (performance)"}});
}

}  // namespace

cli::Command tokenizer_make_command() {
  cli::Command command{
      {.name = "tokenizer make",
       .summary = "Create a tokenizer with changed options",
       .description =
           "Writes a file that is accepted wherever a tokenizer is named. MidiTok reads it too, for the "
           "tokenizers that it also has.\nLENGTHS are in beats: 0-4:8,4-12:4 encodes durations up to 4 beats in "
           "eighths of a beat, and those up to 12 beats in quarters of a beat.",
       .positionals = {{"NAME", "Tokenizer to start from: one that 'continuo help tokenize' lists, or a .json file"}},
       .options = {tokenizer_output_option()},
       .examples = {"continuo tokenizer make tsd --grid 0-2:12,2-8:6 --velocities 16 --with keys,pedals -o mine.json",
                    "continuo tokenize piece.mid --tokenizer mine.json"}},
      make,
      {}};
  for (const auto& more : {options_of_many(), options_of_one()})
    command.spec.options.insert(command.spec.options.end(), more.begin(), more.end());
  return command;
}

}  // namespace continuo::app
