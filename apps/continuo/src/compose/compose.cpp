#include <algorithm>
#include <string>
#include <vector>

#include "continuo/score/pitch_names.h"

#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"
#include "../common/music_options.h"
#include "../originality/original_option.h"

namespace continuo::app {
namespace {

generate::Length read_length(const cli::Arguments& arguments) {
  if (arguments.has("tokens")) return {generate::LengthUnit::kTokens, arguments.number("tokens")};
  if (arguments.has("seconds")) return {generate::LengthUnit::kSeconds, arguments.number("seconds")};
  return {generate::LengthUnit::kBars, arguments.has("bars") ? arguments.number("bars") : 16};
}

// A piece for these instruments, and no others.
Status read_band(const cli::Arguments& arguments, generate::ComposeOptions& options) {
  if (!arguments.has("instruments")) {
    const auto asks_for = [&](const char* name) { return arguments.given(name); };
    const char* const of_bands[] = {"tempo", "meter", "key", "form", "rest_bars"};
    if (std::ranges::none_of(of_bands, asks_for)) return {};
    return Error{ErrorCode::invalid_argument,
                 "--tempo, --meter, --key, --form and --rest-bars are for pieces with given --instruments",
                 {},
                 {}};
  }
  if (arguments.has("primer") || arguments.given("seconds") || arguments.given("tokens"))
    return Error{ErrorCode::invalid_argument,
                 "--instruments are for a new piece of so many --bars; 'compose accompany' adds tracks to a piece",
                 {},
                 {}};
  CONTINUO_ASSIGN(options.add_tracks, read_instruments(arguments.text("instruments"), "--instruments"));
  options.tempo = arguments.number("tempo");
  if (arguments.has("key")) {
    CONTINUO_ASSIGN(options.key, read_key(arguments.text("key"), "--key"));
  }
  if (arguments.has("form")) options.form = arguments.text("form");
  CONTINUO_ASSIGN(const auto meter, read_meter(arguments.text("meter"), "--meter"));
  options.meter_numerator = meter.numerator;
  options.meter_denominator = meter.denominator;
  return {};
}

Result<generate::ComposeOptions> read_options(const cli::Arguments& arguments, GivenPiece& given,
                                              cli::Console& console) {
  generate::ComposeOptions options;
  const int lengths = int(arguments.given("bars")) + int(arguments.given("seconds")) + int(arguments.given("tokens"));
  if (lengths > 1) return Error{ErrorCode::invalid_argument, "give one of --bars, --seconds and --tokens", {}, {}};
  options.length = read_length(arguments);
  if (arguments.has("primer")) {
    CONTINUO_ASSIGN(given, read_primer(arguments.text("primer"), options, console));
  }
  if (arguments.has("fill")) {
    if (!options.primer) return Error{ErrorCode::invalid_argument, "--fill needs a --primer", {}, {}};
    CONTINUO_ASSIGN(options.fill, read_bars(arguments.text("fill"), "--fill"));
    if (lengths > 0 || arguments.flag("stop_at_end"))
      return Error{ErrorCode::invalid_argument,
                   "--fill keeps the length of the primer: leave out --bars, --seconds, --tokens and --stop-at-end",
                   {},
                   {}};
  }
  CONTINUO_TRY(read_band(arguments, options));
  CONTINUO_TRY(read_note_rules(arguments, options));
  CONTINUO_TRY(read_playing(arguments, options));
  const bool is_given_elsewhere = arguments.has("scale") || !options.chords.empty();
  if (options.key && !is_given_elsewhere) options.note_rules.pitch_classes = score::pitch_classes_of(*options.key);
  options.ending = arguments.flag("ending");
  options.stop_at_end = arguments.flag("stop_at_end");
  if (arguments.given("longest_note")) options.longest_note = arguments.number("longest_note");
  if (arguments.given("longest_silence")) options.longest_silence = arguments.number("longest_silence");
  CONTINUO_TRY(read_sampling(arguments, options));
  return options;
}

Status compose(const cli::Arguments& arguments, cli::Console& console) {
  GivenPiece given;
  CONTINUO_ASSIGN(const auto options, read_options(arguments, given, console));
  return compose_pieces(arguments, options, given, console);
}

std::vector<cli::Field> primer_options() {
  using cli::Type;
  return {{.name = "primer",
           .type = Type::kPath,
           .unit = "FILE",
           .help = "Piece to continue; its notes are kept exactly; - for standard input"},
          {.name = "fill",
           .unit = "A-B",
           .help = "Rewrite bars A to B of the primer and leave the rest unchanged: 'compose infill'"}};
}

std::vector<cli::Field> band_options() {
  using cli::Type;
  return options::in_group("Instruments (models of the tokenizer bar_tracks)",
                           {{.name = "instruments",
                             .unit = "LIST",
                             .help = "Compose for these and no others, such as piano,bass,drums; the piece ends after "
                                     "--bars"},
                            rest_option(),
                            {.name = "tempo",
                             .type = Type::kReal,
                             .unit = "BPM",
                             .help = "Quarters per minute",
                             .default_value = "120",
                             .range = {10, 1000}},
                            {.name = "meter", .unit = "N/D", .help = "Time signature", .default_value = "4/4"},
                            {.name = "key",
                             .unit = "KEY",
                             .help = "Key signature, such as C or 'F# minor'; notes keep to it, in minor with the "
                                     "raised seventh, unless --scale or chords are given"},
                            {.name = "form",
                             .unit = "LETTERS",
                             .help = "Sections of equal length, such as AABA: a letter that comes again is the same "
                                     "section again; with ' (AABA') its second half is new"}});
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
                 {.name = "ending",
                  .type = Type::kFlag,
                  .help = "Lead the last of the new --bars to a close (models of bar_tracks)"},
                 {.name = "stop_at_end", .type = Type::kFlag, .help = "Also stop where the model ends the piece"},
                 {.name = "longest_note",
                  .type = Type::kReal,
                  .unit = "X",
                  .help = "Quarters that a new note may last (seconds with performance, timed_notes and "
                          "arrival_time); 0: any",
                  .default_text = "what 99.9 % of the training notes keep to",
                  .range = {0, 1000}},
                 {.name = "longest_silence",
                  .type = Type::kReal,
                  .unit = "S",
                  .help = "Seconds in a row in which nothing may sound (performance and timed_notes); 0: any",
                  .default_text = "3",
                  .range = {0, 60}}});
}

std::vector<cli::Field> compose_options() {
  std::vector<cli::Field> all = output_options();
  for (const auto& more : {primer_options(), band_options(), note_rule_options(), playing_options(), length_options(),
                           sampling_options(), originality_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_command() {
  return {
      {.name = "compose",
       .summary = "Compose with a trained model, from nothing or from a primer",
       .description = "Writes one piece, or one for each variation, and sound or a picture of it on request. Without "
                      "--seed each piece is another; its seed is printed, and gives the same piece again with the "
                      "same model and options.",
       .options = compose_options(),
       .examples = {"continuo compose --instruments piano,bass,drums --bars 32 -o song.mid --wav song.wav",
                    "continuo compose --model piano --seconds 30 -o piano.mid",
                    "continuo compose --primer mine.mid --bars 16 --variations 8 -o longer.mid",
                    "continuo compose --model folk --primer mine.mid --fill 5-8 -o other.mid",
                    "continuo compose --model runs/mine --bars 16 -o new.mid"}},
      compose,
      {}};
}

}  // namespace continuo::app
