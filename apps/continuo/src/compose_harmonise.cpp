#include "commands.h"
#include "common/composing.h"
#include "common/model_options.h"
#include "common/music_input.h"

namespace continuo::app {
namespace {

Status harmonise(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  options.harmonise = true;
  CONTINUO_ASSIGN(options.primer, read_score(arguments.positional()));
  read_sampling(arguments, options);
  return compose_pieces(arguments, options, arguments.positional(), console);
}

std::vector<cli::Field> harmonise_options() {
  std::vector<cli::Field> all = output_options();
  for (const auto& more : {sampling_options(), precision_options()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_harmonise_command() {
  return {
      {.name = "compose harmonise",
       .summary = "Add three voices below a melody",
       .description =
           "Keeps every note of the melody and composes the other voices of a chorale: one that is easy to sing, in "
           "the range of a soprano, harmonises best. Needs a bert model that was trained with the tokenizer "
           "chorale_grid.",
       .positionals = {{"MELODY", "A piece with one melodic track, or - for standard input"}},
       .options = harmonise_options(),
       .examples = {"continuo compose harmonise hymn.abc --model bert-run -o chorale.mid",
                    "continuo compose harmonise hymn.abc --model bert-run --variations 5 -o chorale.mid"}},
      harmonise,
      {}};
}

}  // namespace continuo::app
