#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"

namespace continuo::app {
namespace {

Status perform(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  CONTINUO_ASSIGN(const auto given, read_primer(arguments.positional(), options, console));
  options.perform =
      generate::ComposeOptions::Perform{.timing = arguments.number("timing") / 1000, .pedal = arguments.flag("pedal")};
  CONTINUO_TRY(read_sampling(arguments, options));
  return compose_pieces(arguments, options, given, console);
}

std::vector<cli::Field> perform_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back({.name = "timing",
                 .type = cli::Type::kReal,
                 .unit = "MS",
                 .help = "Milliseconds that a note is played early or late, at most; less where notes follow one "
                         "another fast; 0: on time",
                 .default_value = "20",
                 .range = {0, 200}});
  all.push_back({.name = "pedal",
                 .type = cli::Type::kFlag,
                 .help = "Hold the sustain pedal through each chord that is heard, and change it with the next, in "
                         "piano tracks that have no pedal"});
  for (const auto& more : {sampling_options(), precision_options()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_perform_command() {
  return {
      {.name = "compose perform",
       .summary = "Play a written piece as a pianist would",
       .description = "Plays every note of a piece and no others, and draws how loud each is, how early or late it is "
                      "struck, and how long it sounds. Tempo, bars and drums stay. Needs a model that was trained with "
                      "the tokenizer performance.",
       .positionals = {{"PIECE", "The piece, or - for standard input"}},
       .options = perform_options(),
       .examples = {"continuo compose perform score.musicxml --top-p 0.95 -o played.mid"}},
      perform,
      {}};
}

}  // namespace continuo::app
