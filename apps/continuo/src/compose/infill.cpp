#include <utility>

#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"
#include "../common/music_options.h"
#include "../common/rewriting.h"
#include "../originality/original_option.h"

namespace continuo::app {
namespace {

Status infill(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  CONTINUO_ASSIGN(const auto given, read_primer(arguments.positional(), options, console));
  CONTINUO_ASSIGN(options.fill, read_bars(arguments.text("bars"), "--bars"));
  return rewrite(arguments, std::move(options), given, console);
}

std::vector<cli::Field> infill_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back({.name = "bars", .unit = "A-B", .help = "Bars to rewrite, counted from 1", .required = true});
  for (const auto& more : {rewriting_options("nothing"), note_rule_options(), playing_options(), sampling_options(),
                           originality_options(), precision_options()})
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
               {"continuo compose infill song.mid --bars 9-12 -o other.mid",
                "continuo compose infill song.mid --bars 5-8 --tracks 3 --model run --variations 4 -o idea.mid",
                "continuo compose infill song.mid --bars 5-8 --tracks 4 --lock 35-36 --model run -o same_kick.mid"}},
          infill,
          {}};
}

}  // namespace continuo::app
