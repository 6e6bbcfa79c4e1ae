#include "continuo/cli/console.h"
#include "continuo/notation/notation.h"

#include "commands.h"
#include "outputs.h"

namespace continuo::app {
namespace {

Status convert(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& input = arguments.positional(0);
  const std::string& output = arguments.positional(1);
  CONTINUO_ASSIGN(const auto score, notation::read_score(input));
  CONTINUO_TRY(write_any(score, output));
  console.result() = {{"input", input}, {"output", output}, {"notes", score.note_count()}};
  console.line(output + ": " + cli::grouped(score.note_count()) + " notes");
  return {};
}

}  // namespace

cli::Command convert_command() {
  return {{.name = "convert",
           .summary = "Convert music between formats, by their extensions",
           .details = "Reads " + notation::listed(notation::readable_extensions()) + "; writes .mid .midi .wav .png .svg.\n\n"
                      "  continuo convert tune.abc tune.mid",
           .positionals = {{"IN", "The file to read"}, {"OUT", "The file to write"}}},
          convert,
          {}};
}

}  // namespace continuo::app
