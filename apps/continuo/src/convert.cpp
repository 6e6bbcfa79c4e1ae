#include <string>
#include <vector>

#include "continuo/cli/console.h"
#include "continuo/notation/notation.h"

#include "commands.h"
#include "outputs.h"

namespace continuo::app {
namespace {

// Formats of music keep what they can of a piece; pictures and sound keep its score.
Status write(const notation::Piece& piece, const std::filesystem::path& output, notation::Diagnostics& diagnostics) {
  const auto extension = output.extension().string();
  const bool is_audio = extension == ".wav", is_picture = extension == ".png" || extension == ".svg";
  if (!is_audio && !is_picture) return notation::write_piece(piece, output, diagnostics);
  note_lost_side_events(piece, is_audio ? "sound holds none" : "a picture holds none", diagnostics);
  return write_any(piece.score, output);
}

Status convert(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& input = arguments.positional(0);
  const std::string& output = arguments.positional(1);
  CONTINUO_ASSIGN(notation::MusicFile file, notation::read_music_file(input));
  const notation::Piece& piece = *file.first();
  file.diagnostics.add_left_out(file.pieces.size() - 1, "more piece", "more pieces",
                                "a file that is written holds one");
  CONTINUO_TRY(write(piece, output, file.diagnostics));
  const std::vector<std::string> warnings = file.diagnostics.summary();
  for (const std::string& warning : warnings) console.note("warning: " + input + ": " + warning);
  const std::size_t notes = piece.score.note_count();
  console.result() = {{"input", input}, {"output", output}, {"notes", notes}, {"warnings", warnings}};
  console.line(output + ": " + cli::grouped(notes) + " notes");
  return {};
}

}  // namespace

cli::Command convert_command() {
  return {{.name = "convert",
           .summary = "Convert music between formats, by their extensions",
           .details = "Reads " + notation::listed(notation::readable_extensions()) +
                      "; writes .mid .midi .wav .png .svg.\n\n"
                      "What IN holds and OUT does not is named in warnings. Lyrics, other text, copyright notices and\n"
                      "system exclusive data go from MIDI to MIDI. Of a book of tunes the first is converted.\n\n"
                      "  continuo convert tune.abc tune.mid",
           .positionals = {{"IN", "The file to read"}, {"OUT", "The file to write"}}},
          convert,
          {}};
}

}  // namespace continuo::app
