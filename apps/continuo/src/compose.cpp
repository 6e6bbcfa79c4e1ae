#include "continuo/generate/compose.h"

#include <charconv>
#include <set>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/metrics/piece_statistics.h"
#include "continuo/notation/notation.h"
#include "continuo/render/audio.h"
#include "continuo/render/piano_roll.h"

#include "commands.h"
#include "common/model_options.h"
#include "common/music_input.h"
#include "common/outputs.h"

namespace continuo::app {
namespace {

// "5-8" or "5": measures counted from 1.
Result<generate::BarRange> read_bars(const std::string& text) {
  generate::BarRange bars;
  const auto* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, bars.first);
  bars.last = bars.first;
  bool good = first.ec == std::errc();
  if (good && first.ptr != end) {
    const auto second = *first.ptr == '-' ? std::from_chars(first.ptr + 1, end, bars.last)
                                          : std::from_chars_result{first.ptr, std::errc::invalid_argument};
    good = second.ec == std::errc() && second.ptr == end;
  }
  if (good && bars.first >= 1 && bars.last >= bars.first) return bars;
  return Error{ErrorCode::invalid_argument, "--fill: must be bars counted from 1, such as 5-8", {}, {}};
}

generate::Length read_length(const cli::Arguments& arguments) {
  if (arguments.has("tokens")) return {generate::LengthUnit::kTokens, arguments.number("tokens")};
  if (arguments.has("seconds")) return {generate::LengthUnit::kSeconds, arguments.number("seconds")};
  return {generate::LengthUnit::kBars, arguments.has("bars") ? arguments.number("bars") : 16};
}

Result<generate::ComposeOptions> read_options(const cli::Arguments& arguments) {
  generate::ComposeOptions options;
  const int lengths = int(arguments.given("bars")) + int(arguments.given("seconds")) + int(arguments.given("tokens"));
  if (lengths > 1) return Error{ErrorCode::invalid_argument, "give one of --bars, --seconds and --tokens", {}, {}};
  options.length = read_length(arguments);
  if (arguments.has("primer")) {
    CONTINUO_ASSIGN(options.primer, read_score(arguments.text("primer")));
  }
  if (arguments.has("fill")) {
    if (!options.primer) return Error{ErrorCode::invalid_argument, "--fill needs a --primer", {}, {}};
    CONTINUO_ASSIGN(options.fill, read_bars(arguments.text("fill")));
    if (lengths > 0 || arguments.flag("stop_at_end"))
      return Error{ErrorCode::invalid_argument,
                   "--fill keeps the length of the primer: leave out --bars, --seconds, --tokens and --stop-at-end",
                   {},
                   {}};
  }
  options.stop_at_end = arguments.flag("stop_at_end");
  if (arguments.given("longest_note")) options.longest_note = arguments.number("longest_note");
  options.seed = arguments.seed();
  options.sampler = {.temperature = arguments.number("temperature"),
                     .top_k = static_cast<int>(arguments.integer("top_k")),
                     .top_p = arguments.number("top_p"),
                     .min_p = arguments.number("min_p")};
  options.rounds = static_cast<int>(arguments.integer("rounds"));
  options.refinements = static_cast<int>(arguments.integer("refinements"));
  return options;
}

int variations(const cli::Arguments& arguments) { return static_cast<int>(arguments.integer("variations")); }

// "new.mid", or of several variations "new-1.mid".
std::filesystem::path numbered(std::filesystem::path path, int index, int count) {
  if (count == 1) return path;
  return path.replace_filename(path.stem().string() + "-" + std::to_string(index + 1) + path.extension().string());
}

// Of one variation.
std::vector<std::filesystem::path> outputs(const cli::Arguments& arguments, int index) {
  std::vector<std::filesystem::path> paths;
  for (const auto* name : {"output", "wav", "png", "svg"}) {
    if (arguments.has(name)) paths.push_back(numbered(arguments.path(name), index, variations(arguments)));
  }
  return paths;
}

Status check_outputs(const cli::Arguments& arguments) {
  for (int i = 0; i < variations(arguments); ++i) {
    for (const auto& path : outputs(arguments, i)) {
      if (is_stdout(path)) continue;
      CONTINUO_TRY(check_extension(path, output_extensions()));
      CONTINUO_TRY(check_writable(path));
    }
  }
  for (const auto* name : {"wav", "png", "svg"}) {
    if (arguments.has(name) && arguments.path(name).extension() != std::string(".") + name) {
      return Error{ErrorCode::invalid_argument,
                   "--" + std::string(name) + " takes a file that ends in ." + name,
                   {},
                   arguments.text(name)};
    }
  }
  return {};
}

// The first note that the primer does not have, for the picture. Nothing without a primer.
std::optional<score::Ticks> start_of_new_music(const std::optional<score::Score>& primer, const score::Score& piece) {
  if (!primer) return std::nullopt;
  std::multiset<score::Note> known;
  for (const auto& track : primer->tracks) known.insert(track.notes.begin(), track.notes.end());
  std::optional<score::Ticks> first;
  for (const auto& track : piece.tracks) {
    for (const auto& note : track.notes) {
      if (const auto found = known.find(note); found != known.end()) {
        known.erase(found);
      } else if (!first || note.onset < *first) {
        first = note.onset;
      }
    }
  }
  return first;
}

Result<std::vector<generate::Composition>> run_model(const cli::Arguments& arguments,
                                                     const generate::ComposeOptions& options) {
  CONTINUO_ASSIGN(const auto path, model_file(arguments));
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(path));
  if (options.fill && checkpoint.model.masking != checkpoint::Masking::kBidirectional) {
    return Error{ErrorCode::invalid_argument,
                 "a " + checkpoint.model.preset + " model can only continue music; --fill needs a bert model",
                 {},
                 path.string()};
  }
  constexpr std::string_view kBertOnly[] = {"rounds", "refinements"};
  CONTINUO_TRY(check_model_options(arguments, kBertOnly, checkpoint.model, path));
  auto composer = generate::Composer::load(checkpoint, read_load_options(arguments));
  if (!composer.ok()) return composer.error().in_file(path.string());
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("composing");
  auto pieces = generate::compose_variations(*composer, options, variations(arguments), threads, progress);
  if (!pieces.ok() && options.primer) return pieces.error().in_file(arguments.text("primer"));
  return pieces;
}

nlohmann::json report(const generate::Composition& piece, const std::vector<std::filesystem::path>& paths,
                      cli::Console& console) {
  const auto statistics = metrics::piece_statistics(piece.score);
  nlohmann::json files = nlohmann::json::array();
  for (const auto& path : paths) files.push_back(path.string());
  console.line(paths[0].string() + ": " + grouped(statistics.notes) + " notes, " + clock_text(statistics.seconds) +
               ", " + grouped(piece.tokens.size()) + " tokens");
  for (std::size_t i = 1; i < paths.size(); ++i) console.line(paths[i].string());
  return {{"files", files},
          {"notes", statistics.notes},
          {"seconds", statistics.seconds},
          {"tokens", piece.tokens.size()},
          {"primer_tokens", piece.primer_tokens}};
}

// Of one piece its report is the result, of several the list "pieces".
void report_all(const std::vector<generate::Composition>& pieces, const cli::Arguments& arguments,
                cli::Console& console) {
  nlohmann::json reports = nlohmann::json::array();
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    reports.push_back(report(pieces[i], outputs(arguments, static_cast<int>(i)), console));
    tokens += pieces[i].tokens.size();
  }
  const double speed = pieces[0].seconds > 0 ? double(tokens) / pieces[0].seconds : 0;
  console.result() = pieces.size() == 1 ? reports[0] : nlohmann::json{{"pieces", reports}};
  console.result()["tokens_per_s"] = speed;
  console.line("generated at " + grouped(static_cast<std::uint64_t>(speed)) + " tokens/s");
}

Status compose(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto options, read_options(arguments));
  if (is_stdout(arguments.path("output"))) {
    if (variations(arguments) > 1)
      return Error{ErrorCode::invalid_argument, "several variations need the name of a file: --output", {}, {}};
    CONTINUO_TRY(console.take_stdout());
  }
  CONTINUO_TRY(check_outputs(arguments));
  CONTINUO_ASSIGN(const auto pieces, run_model(arguments, options));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].score.note_count() == 0) {
      return Error{ErrorCode::no_notes, "the model generated no notes; try another --seed or a longer piece", {}, {}};
    }
    const render::PianoRollOptions picture{.new_from = start_of_new_music(options.primer, pieces[i].score)};
    for (const auto& path : outputs(arguments, static_cast<int>(i)))
      CONTINUO_TRY(is_stdout(path) ? write_to_stdout(pieces[i].score) : write_any(pieces[i].score, path, picture));
  }
  report_all(pieces, arguments, console);
  return {};
}

std::vector<cli::Field> piece_options() {
  using cli::Type;
  return {model_option(),
          {.name = "output",
           .letter = 'o',
           .type = Type::kPath,
           .unit = "OUT",
           .help = "Piece to write, by its extension: " + notation::listed(output_extensions()) +
                   "; - for MIDI on standard output",
           .required = true},
          {.name = "primer",
           .type = Type::kPath,
           .unit = "FILE",
           .help = "Piece to continue; its notes are kept exactly; - for standard input"},
          {.name = "fill",
           .unit = "A-B",
           .help = "Rewrite bars A to B of the primer and leave the rest unchanged (bert only)"},
          {.name = "variations",
           .type = Type::kInteger,
           .unit = "N",
           .help = "Write N pieces, with the seeds from --seed on: OUT-1.mid, OUT-2.mid, ...",
           .default_value = "1",
           .range = {1, 1000}},
          {.name = "wav", .type = Type::kPath, .unit = "FILE.wav", .help = "Also render the piece as sound"},
          {.name = "png", .type = Type::kPath, .unit = "FILE.png", .help = "Also draw it as a piano roll"},
          {.name = "svg", .type = Type::kPath, .unit = "FILE.svg", .help = "Also draw it as a piano roll"}};
}

std::vector<cli::Field> length_options() {
  using cli::Type;
  return options::in_group(
      "Length", {{.name = "bars",
                  .type = Type::kInteger,
                  .unit = "N",
                  .help = "Bars of new music",
                  .default_text = "16 bars",
                  .range = {1, 10000}},
                 {.name = "seconds",
                  .type = Type::kReal,
                  .unit = "N",
                  .help = "Seconds of new music, instead of --bars",
                  .range = {0.1, 36000}},
                 {.name = "tokens",
                  .type = Type::kInteger,
                  .unit = "N",
                  .help = "Tokens of new music, instead of --bars",
                  .range = {1, 1000000}},
                 {.name = "stop_at_end", .type = Type::kFlag, .help = "Also stop where the model ends the piece"}});
}

std::vector<cli::Field> sampling_options() {
  using cli::Type;
  return options::in_group("Sampling",
                           {{.name = "temperature",
                             .letter = 't',
                             .type = Type::kReal,
                             .unit = "T",
                             .help = "Below 1 more predictable, above 1 more varied; 0: always the most likely token",
                             .default_value = "1",
                             .range = {0, 10}},
                            {.name = "top_k",
                             .type = Type::kInteger,
                             .unit = "K",
                             .help = "Sample among the K most likely tokens; 0: all",
                             .default_value = "0",
                             .range = {0, 1000000}},
                            {.name = "top_p",
                             .type = Type::kReal,
                             .unit = "P",
                             .help = "Sample among the most likely tokens whose probabilities sum to P",
                             .default_value = "1",
                             .range = {0.001, 1}},
                            {.name = "min_p",
                             .type = Type::kReal,
                             .unit = "P",
                             .help = "Drop tokens less than P times as likely as the most likely one",
                             .default_value = "0",
                             .range = {0, 0.999}},
                            {.name = "longest_note",
                             .type = Type::kReal,
                             .unit = "X",
                             .help = "Quarters that a new note may last (seconds with performance, timed_notes and "
                                     "arrival_time); 0: any",
                             .default_text = "what 99.9 % of the training notes keep to",
                             .range = {0, 1000}},
                            {.name = "rounds",
                             .type = Type::kInteger,
                             .unit = "N",
                             .help = "Number of unmasking rounds (bert only)",
                             .default_value = "12",
                             .range = {1, 1000}},
                            {.name = "refinements",
                             .type = Type::kInteger,
                             .unit = "N",
                             .help = "Rounds after these that draw a random part of the tokens again (bert only); "
                                     "-1: twice as many",
                             .default_value = "-1",
                             .range = {-1, 10000}}});
}

std::vector<cli::Field> compose_options() {
  std::vector<cli::Field> all = piece_options();
  for (const auto& more : {length_options(), sampling_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_command() {
  return {{.name = "compose",
           .summary = "Compose with a trained model, from nothing or from a primer",
           .description = "Writes one piece, or one for each variation, and sound or a picture of it on request. The "
                          "same model, options and seed give "
                          "the same piece.",
           .options = compose_options(),
           .examples = {"continuo compose --model run --bars 16 -o new.mid --wav new.wav",
                        "continuo compose --model run --primer mine.mid --seconds 30 -o longer.mid",
                        "continuo compose --model run --primer mine.mid --variations 8 -o idea.mid",
                        "continuo compose --model bert-run --primer mine.mid --fill 5-8 -o other.mid"}},
          compose,
          {}};
}

}  // namespace continuo::app
