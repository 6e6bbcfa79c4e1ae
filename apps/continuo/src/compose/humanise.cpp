#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"

namespace continuo::app {
namespace {

Status humanise(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  CONTINUO_ASSIGN(const auto given, read_primer(arguments.positional(), options, console));
  const std::string change = arguments.text("change");
  options.humanise = generate::ComposeOptions::Humanise{.loudness = change != "timing", .timing = change != "loudness"};
  CONTINUO_TRY(read_sampling(arguments, options));
  return compose_pieces(arguments, options, given, console);
}

std::vector<cli::Field> humanise_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back({.name = "change",
                 .type = cli::Type::kChoice,
                 .unit = "WHAT",
                 .help =
                     "What is drawn for each note: how loud it is, how early or late, or both as far as the model has "
                     "words for them",
                 .default_value = "both",
                 .choices = {"both", "loudness", "timing"}});
  for (const auto& more : {sampling_options(UsualDraw::kAll), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_humanise_command() {
  return {
      {.name = "compose humanise",
       .summary = "Give the notes of a piece the loudness and the timing of a player",
       .description = "Keeps all notes and draws how loud each is and, with a model of the tokenizer drum_grid, how "
                      "early or late it is played. For beats that were written on a grid.",
       .positionals = {{"PIECE", "The piece, or - for standard input"}},
       .options = humanise_options(),
       .examples = {"continuo compose humanise beat.mid -o played.mid"}},
      humanise,
      {}};
}

}  // namespace continuo::app
