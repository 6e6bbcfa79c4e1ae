#include <utility>

#include "continuo/score/bar_grid.h"

#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"
#include "../common/music_options.h"
#include "../common/rewriting.h"
#include "../originality/original_option.h"

namespace continuo::app {
namespace {

Status vary(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  CONTINUO_ASSIGN(const auto given, read_primer(arguments.positional(), options, console));
  options.fill = generate::BarRange{1, int(score::BarGrid(*options.primer).bars().size())};
  if (arguments.has("bars")) {
    CONTINUO_ASSIGN(options.fill, read_bars(arguments.text("bars"), "--bars"));
  }
  return rewrite(arguments, std::move(options), given, console);
}

std::vector<cli::Field> variation_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back({.name = "bars", .unit = "A-B", .help = "Bars to vary, counted from 1", .default_text = "all"});
  for (const auto& more : {rewriting_options("rhythm"), note_rule_options(), playing_options(), sampling_options(),
                           originality_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_variation_command() {
  return {
      {.name = "compose variation",
       .summary = "Vary a piece: its rhythm with new pitches, or its pitches in a new rhythm",
       .description = "Gives the notes of a piece new pitches and keeps when they sound, or keeps their pitches, in "
                      "their order, and draws when they sound. --strength has a part of them changed alone, --lock "
                      "keeps notes of some pitches. Needs a model that was trained with the tokenizer bar_tracks.",
       .positionals = {{"PIECE", "The piece, or - for standard input"}},
       .options = variation_options(),
       .examples = {"continuo compose variation song.mid --tracks 1 --strength 0.3 -o varied.mid",
                    "continuo compose variation song.mid --bars 5-8 --keep pitches --variations 4 -o idea.mid"}},
      vary,
      {}};
}

}  // namespace continuo::app
