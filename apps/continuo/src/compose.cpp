#include <charconv>
#include <string>
#include <vector>

#include "commands.h"
#include "common/composing.h"
#include "common/model_options.h"
#include "common/music_input.h"

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
  read_sampling(arguments, options);
  return options;
}

Status compose(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto options, read_options(arguments));
  return compose_pieces(arguments, options, arguments.has("primer") ? arguments.text("primer") : "", console);
}

std::vector<cli::Field> primer_options() {
  using cli::Type;
  return {{.name = "primer",
           .type = Type::kPath,
           .unit = "FILE",
           .help = "Piece to continue; its notes are kept exactly; - for standard input"},
          {.name = "fill",
           .unit = "A-B",
           .help = "Rewrite bars A to B of the primer and leave the rest unchanged (bert only)"}};
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
                 {.name = "stop_at_end", .type = Type::kFlag, .help = "Also stop where the model ends the piece"},
                 {.name = "longest_note",
                  .type = Type::kReal,
                  .unit = "X",
                  .help = "Quarters that a new note may last (seconds with performance, timed_notes and "
                          "arrival_time); 0: any",
                  .default_text = "what 99.9 % of the training notes keep to",
                  .range = {0, 1000}}});
}

std::vector<cli::Field> compose_options() {
  std::vector<cli::Field> all = output_options();
  for (const auto& more : {primer_options(), length_options(), sampling_options(), precision_options()})
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
