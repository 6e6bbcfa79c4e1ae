#include <set>

#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/notation/notation.h"

#include "commands.h"
#include "common/edits.h"
#include "common/music_input.h"
#include "common/outputs.h"
#include "voices/voice_option.h"

namespace continuo::app {
namespace {

namespace fs = std::filesystem;

// What goes where: IN... OUT, or IN... -o OUT.
struct Request {
  std::vector<std::string> arguments;  // IN...
  MusicInputs found;                   // what they name
  fs::path output;
  bool to_folder = false;
  Edits edits;
  Voices voices;
};

Result<Request> read_request(const cli::Arguments& arguments) {
  Request request{.arguments = arguments.positionals(), .found = {}, .output = {}};
  if (arguments.has("output")) {
    request.output = arguments.path("output");
  } else {
    if (request.arguments.size() < 2) return Error{ErrorCode::invalid_argument, "missing: OUT", {}, {}};
    request.output = request.arguments.back();
    request.arguments.pop_back();
  }
  CONTINUO_ASSIGN(request.edits, read_edits(arguments));
  CONTINUO_ASSIGN(request.found, music_inputs(request.arguments));
  std::error_code ignored;
  const bool is_folder = fs::is_directory(request.output, ignored);
  const bool names_a_file = check_extension(request.output, output_extensions()).ok();
  request.to_folder = request.arguments.size() > 1 || request.found.is_collection || (is_folder && !names_a_file);
  if (request.to_folder && names_a_file && !is_folder) {
    return Error{ErrorCode::invalid_argument,
                 "is the name of a file; several pieces are written to a folder, in the format of --to",
                 {},
                 request.output.string()};
  }
  const bool takes_format = request.to_folder || is_stdout(request.output);
  const std::string form = takes_format ? "." + arguments.text("to") : request.output.extension().string();
  CONTINUO_ASSIGN(request.voices, Voices::read(arguments, form == ".wav"));
  return request;
}

// `extension`: of what standard output gets.
Status convert_one(const Request& request, const std::string& extension, cli::Console& console) {
  const MusicInput& from = request.found.inputs[0];
  const std::string& input = request.arguments[0];
  const std::string output = request.output.string();
  if (is_stdout(output)) {
    CONTINUO_TRY(console.take_stdout());
  } else {
    CONTINUO_TRY(check_extension(output, output_extensions()));
  }
  CONTINUO_ASSIGN(notation::MusicFile file, from.read());
  // Of a book of tunes the first that has notes.
  notation::Piece piece = *file.first();
  if (const Status status = edit(request.edits, piece, file.diagnostics); !status.ok())
    return status.error().in_file(input);
  file.diagnostics.add_left_out(file.pieces.size() - 1, "more piece", "more pieces",
                                "a file that is written holds one");
  const OutputStyle style{.picture = {.title = from.relative.stem().string()}, .voices = request.voices};
  CONTINUO_TRY(is_stdout(output) ? write_to_stdout(piece, extension, style, file.diagnostics)
                                 : write_any(piece, output, style, file.diagnostics));
  note_substitutions(request.voices, piece.score, console);
  const std::vector<std::string> warnings = warn(input, file.diagnostics, console);
  const std::size_t notes = piece.score.note_count();
  console.result() = {{"input", input},
                      {"output", output},
                      {"notes", notes},
                      {"omitted", file.diagnostics.left_out()},
                      {"warnings", warnings}};
  console.line(output + ": " + counted(notes, "note", "notes"));
  return {};
}

// Without the root and "..": lists and data sets may name files anywhere, and nothing is written outside of the output
// folder.
fs::path inside(const fs::path& path) {
  fs::path kept;
  for (const fs::path& part : path.relative_path().lexically_normal())
    if (part != "..") kept /= part;
  return kept;
}

// "a.mid", or of the tunes of a book "a-1.mid", "a-2.mid".
fs::path numbered(const fs::path& path, const std::string& extension, std::size_t index, std::size_t count) {
  const std::string number = count > 1 ? "-" + std::to_string(index + 1) : "";
  return path.parent_path() / (path.stem().string() + number + extension);
}

struct Converted {
  std::size_t files = 0, failed = 0;
  std::uint64_t notes = 0;
  std::set<fs::path> written;
};

// All pieces of one input, each to a file of its own.
Status convert_into(const MusicInput& input, const Request& request, const std::string& extension, Converted& done,
                    cli::Console& console) {
  CONTINUO_ASSIGN(notation::MusicFile file, input.read());
  for (std::size_t i = 0; i < file.pieces.size(); ++i) {
    const fs::path path = request.output / numbered(inside(input.relative), extension, i, file.pieces.size());
    if (!done.written.insert(path).second)
      return Error{ErrorCode::duplicate, "another file is converted to " + path.string() + " already", {}, input.name};
    if (const Status status = edit(request.edits, file.pieces[i], file.diagnostics); !status.ok())
      return status.error().in_file(input.name);
    std::error_code failure;
    fs::create_directories(path.parent_path(), failure);
    if (failure)
      return Error{ErrorCode::io, "cannot be created (" + failure.message() + ")", {}, path.parent_path().string()};
    const OutputStyle style{.picture = {.title = input.relative.stem().string()}, .voices = request.voices};
    CONTINUO_TRY(write_any(file.pieces[i], path, style, file.diagnostics));
    ++done.files;
    done.notes += file.pieces[i].score.note_count();
  }
  warn(input.name, file.diagnostics, console);
  return {};
}

// Every file is tried, and those that fail are named. Only where all of them fail, the last failure is returned.
Status convert_all(const Request& request, const std::string& extension, cli::Console& console) {
  const std::vector<MusicInput>& inputs = request.found.inputs;
  for (const std::string& note : request.found.notes) console.note("continuo: note: " + note);
  Converted done;
  Status outcome;
  {
    cli::TerminalProgress progress("converting");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      progress.update(i, inputs.size(), inputs[i].name);
      if (progress.stop_requested()) return Error{ErrorCode::interrupted, "stopped on request", {}, {}};
      const Status status = convert_into(inputs[i], request, extension, done, console);
      if (status.ok()) continue;
      ++done.failed;
      console.note("continuo: note: not converted: " + status.error().to_line());
      outcome = status;
    }
  }
  console.result() = {{"output", request.output.string()},
                      {"files", done.files},
                      {"failed", done.failed},
                      {"notes", done.notes},
                      {"left_out", request.found.notes}};
  console.line(request.output.string() + ": " + counted(done.files, "file", "files") + ", " +
               counted(done.notes, "note", "notes") +
               (done.failed > 0 ? "; " + grouped(done.failed) + " could not be converted" : ""));
  return done.files > 0 ? Status() : outcome;
}

Status convert(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto request, read_request(arguments));
  const std::string extension = "." + arguments.text("to");
  return request.to_folder ? convert_all(request, extension, console) : convert_one(request, extension, console);
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto extension : output_extensions()) names.emplace_back(extension.substr(1));
  return names;
}

std::vector<cli::Field> convert_options() {
  std::vector<cli::Field> all = {{.name = "output",
                                  .letter = 'o',
                                  .type = cli::Type::kPath,
                                  .unit = "OUT",
                                  .help = "File or folder to write; - for standard output",
                                  .default_text = "the last argument"},
                                 {.name = "to",
                                  .type = cli::Type::kChoice,
                                  .unit = "FORMAT",
                                  .help = "Format of the files in a folder, or of standard output",
                                  .default_value = "mid",
                                  .choices = format_names()}};
  all.push_back(voice_option());
  for (const cli::Field& field : edit_options()) all.push_back(field);
  return all;
}

}  // namespace

cli::Command convert_command() {
  return {
      {.name = "convert",
       .summary = "Convert music to other formats: one piece, or a folder",
       .description = "Writes one file, whose extension chooses the format (" + notation::listed(output_extensions()) +
                      "). For a folder, a list, a data set or several inputs, OUT is a folder that gets one file per "
                      "piece, under the same names. Music that cannot be converted is listed and left out, other "
                      "files are left out and counted. "
                      "What IN holds and OUT cannot hold is named in warnings; lyrics are kept in MIDI, "
                      "and so are other text, copyright notices and system exclusive data that come from MIDI.",
       .positionals = {{"IN", music_input_help(), true}},
       .usage = "IN... OUT",
       .options = convert_options(),
       .examples = {"continuo convert tune.abc tune.mid", "continuo convert ~/scores -o ~/midi",
                    "continuo convert ~/midi -o ~/pictures --to png",
                    "continuo convert song.mid lower.mid --transpose -3 --tempo 90%",
                    "continuo convert data/mine -o decoded",
                    "curl -s https://example.org/a.mid | continuo convert - a.png",
                    "continuo convert tune.abc - --to wav | aplay"}},
      convert,
      {}};
}

}  // namespace continuo::app
