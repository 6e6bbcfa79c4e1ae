#include "commands.h"
#include "common/composing.h"
#include "common/model_options.h"
#include "common/music_options.h"

namespace continuo::app {
namespace {

Status infill(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  CONTINUO_ASSIGN(const auto given, read_primer(arguments.positional(), options, console));
  CONTINUO_ASSIGN(options.fill, read_bars(arguments.text("bars"), "--bars"));
  if (arguments.has("tracks")) {
    auto tracks = read_tracks(arguments.text("tracks"), *options.primer, "--tracks");
    if (!tracks.ok()) return tracks.error().in_file(arguments.positional());
    options.fill_tracks = *tracks;
  }
  if (arguments.text("keep") == "rhythm") options.keep = generate::Keep::kRhythm;
  options.strength = arguments.number("strength");
  if (arguments.given("strength") && options.keep == generate::Keep::kNothing)
    return Error{ErrorCode::invalid_argument, "--strength is for --keep rhythm", {}, {}};
  CONTINUO_TRY(read_note_rules(arguments, options));
  CONTINUO_TRY(read_sampling(arguments, options));
  return compose_pieces(arguments, options, given, console);
}

std::vector<cli::Field> infill_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back({.name = "bars", .unit = "A-B", .help = "Bars to rewrite, counted from 1", .required = true});
  all.push_back(
      {.name = "tracks",
       .unit = "LIST",
       .help = "Tracks to rewrite, such as 1,3, counted among those with notes; the others are heard and kept",
       .default_text = "all"});
  all.push_back({.name = "keep",
                 .type = cli::Type::kChoice,
                 .unit = "WHAT",
                 .help = "Keep the rhythm of these bars and give their notes new pitches",
                 .default_value = "nothing",
                 .choices = {"nothing", "rhythm"}});
  all.push_back({.name = "strength",
                 .type = cli::Type::kReal,
                 .unit = "X",
                 .help = "Share of the notes that get a new pitch, with --keep rhythm",
                 .default_value = "1",
                 .range = {0, 1}});
  for (const auto& more : {note_rule_options(), sampling_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_infill_command() {
  return {{.name = "compose infill",
           .summary = "Rewrite some bars of a piece, in all tracks or in some",
           .description =
               "Composes the bars anew so that they fit what comes before and after them. All other notes of the piece "
               "stay exactly as they are. Needs a model that was trained with the tokenizer bar_tracks, or for all "
               "tracks together a bert model.",
           .positionals = {{"PIECE", "The piece, or - for standard input"}},
           .options = infill_options(),
           .examples =
               {"continuo compose infill song.mid --bars 1-8 --keep rhythm --strength 0.3 --model run -o varied.mid",
                "continuo compose infill song.mid --bars 9-12 --model models/band.safetensors -o other.mid",
                "continuo compose infill song.mid --bars 5-8 --tracks 3 --model run --variations 4 -o idea.mid"}},
          infill,
          {}};
}

}  // namespace continuo::app
