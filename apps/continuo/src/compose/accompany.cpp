#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"
#include "../common/music_options.h"
#include "../originality/original_option.h"

namespace continuo::app {
namespace {

Status accompany(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  CONTINUO_ASSIGN(options.add_tracks, read_instruments(arguments.text("add"), "--add"));
  CONTINUO_ASSIGN(const auto given, read_primer(arguments.positional(), options, console));
  CONTINUO_TRY(read_note_rules(arguments, options));
  CONTINUO_TRY(read_playing(arguments, options));
  CONTINUO_TRY(read_sampling(arguments, options));
  return compose_pieces(arguments, options, given, console);
}

std::vector<cli::Field> accompany_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back({.name = "add",
                 .unit = "LIST",
                 .help = "Instruments to add, a track for each: names (piano, bass, strings, drums ...), General MIDI "
                         "names or program numbers",
                 .required = true});
  all.push_back(rest_option());
  for (const auto& more :
       {note_rule_options(), playing_options(), sampling_options(), originality_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_accompany_command() {
  return {{.name = "compose accompany",
           .summary = "Add tracks to a piece",
           .description =
               "Composes a new track for each instrument, bar by bar, so that they fit the piece and one another. All "
               "notes of the piece stay exactly as they are. Needs a model that was trained with the tokenizer "
               "bar_tracks.",
           .positionals = {{"PIECE", "The piece, or - for standard input"}},
           .options = accompany_options(),
           .examples = {"continuo compose accompany tune.abc --add piano,bass -o band.mid",
                        "continuo compose accompany song.mid --add drums --model run --variations 3 -o beat.mid"}},
          accompany,
          {}};
}

}  // namespace continuo::app
