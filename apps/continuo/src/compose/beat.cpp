#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"
#include "../common/music_options.h"

namespace continuo::app {
namespace {

Status beat(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  CONTINUO_ASSIGN(const GivenPiece given, read_primer(arguments.positional(), options, console));
  options.beat = true;
  CONTINUO_TRY(read_playing(arguments, options));
  CONTINUO_TRY(read_sampling(arguments, options));
  return compose_pieces(arguments, options, {given.name, {}}, console);
}

std::vector<cli::Field> beat_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back(velocity_option());
  for (const auto& more : {sampling_options(), precision_options()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_beat_command() {
  return {{.name = "compose beat",
           .summary = "Make a beat of a rhythm that was tapped",
           .description =
               "Every note of the piece, whatever its pitch, is a tap. At each tap, as early or late as it was "
               "tapped, one or more drums are hit, and nowhere else; the model chooses which, and how loud. Taps on "
               "the same sixteenth are one. "
               "Needs a model that was trained with the tokenizer drum_grid.",
           .positionals = {{"TAPS", "The rhythm, or - for standard input"}},
           .options = beat_options(),
           .examples = {"continuo compose beat taps.mid -o beat.mid",
                        "continuo compose beat melody.abc --variations 4 -o beat.mid"}},
          beat,
          {}};
}

}  // namespace continuo::app
