#include "composing.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <random>
#include <set>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/generate/compose.h"
#include "continuo/metrics/piece_statistics.h"
#include "continuo/notation/notation.h"
#include "continuo/render/piano_roll.h"

#include "model_options.h"
#include "music_input.h"
#include "music_options.h"
#include "outputs.h"

namespace continuo::app {
namespace {

// Short enough to be typed again.
std::uint64_t new_seed() { return std::random_device()() % 1'000'000; }

int variations(const cli::Arguments& arguments) { return static_cast<int>(arguments.integer("variations")); }

// "new.mid", or of several variations "new-1.mid".
std::filesystem::path numbered(std::filesystem::path path, int index, int count) {
  if (count == 1) return path;
  return path.replace_filename(path.stem().string() + "-" + std::to_string(index + 1) + path.extension().string());
}

// Of one variation.
std::vector<std::filesystem::path> outputs(const cli::Arguments& arguments, int index) {
  std::vector<std::filesystem::path> paths;
  for (const auto* name : {"output", "wav", "png", "svg"}) {
    if (arguments.has(name)) paths.push_back(numbered(arguments.path(name), index, variations(arguments)));
  }
  return paths;
}

Status check_outputs(const cli::Arguments& arguments) {
  for (int i = 0; i < variations(arguments); ++i) {
    for (const auto& path : outputs(arguments, i)) {
      if (is_stdout(path)) continue;
      CONTINUO_TRY(check_extension(path, output_extensions()));
      CONTINUO_TRY(check_writable(path));
    }
  }
  for (const auto* name : {"wav", "png", "svg"}) {
    if (arguments.has(name) && arguments.path(name).extension() != std::string(".") + name) {
      return Error{ErrorCode::invalid_argument,
                   "--" + std::string(name) + " takes a file that ends in ." + name,
                   {},
                   arguments.text(name)};
    }
  }
  return {};
}

// The first note that the primer does not have, for the picture. Nothing without a primer.
std::optional<score::Ticks> start_of_new_music(const std::optional<score::Score>& primer, const score::Score& piece) {
  if (!primer) return std::nullopt;
  std::multiset<score::Note> known;
  for (const auto& track : primer->tracks) known.insert(track.notes.begin(), track.notes.end());
  std::optional<score::Ticks> first;
  for (const auto& track : piece.tracks) {
    for (const auto& note : track.notes) {
      if (const auto found = known.find(note); found != known.end()) {
        known.erase(found);
      } else if (!first || note.onset < *first) {
        first = note.onset;
      }
    }
  }
  return first;
}

// `primer`: the argument that names the piece that is given, if any.
Result<std::vector<generate::Composition>> run_model(const cli::Arguments& arguments,
                                                     const generate::ComposeOptions& options,
                                                     const std::string& primer) {
  CONTINUO_ASSIGN(const auto path, model_file(arguments));
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(path));
  constexpr std::string_view kBertOnly[] = {"rounds", "refinements"};
  CONTINUO_TRY(check_model_options(arguments, kBertOnly, checkpoint.model, path));
  auto composer = generate::Composer::load(checkpoint, read_load_options(arguments));
  if (!composer.ok()) return composer.error().in_file(path.string());
  if (const Status can = generate::check_task(*composer, options); !can.ok()) return can.error().in_file(path.string());
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("composing");
  auto pieces = generate::compose_variations(*composer, options, variations(arguments), threads, progress);
  if (!pieces.ok() && options.primer) return pieces.error().in_file(primer);
  return pieces;
}

nlohmann::json report(const generate::Composition& piece, std::uint64_t seed,
                      const std::vector<std::filesystem::path>& paths, cli::Console& console) {
  const auto statistics = metrics::piece_statistics(piece.score);
  nlohmann::json files = nlohmann::json::array();
  for (const auto& path : paths) files.push_back(path.string());
  console.line(paths[0].string() + ": " + grouped(statistics.notes) + " notes, " + clock_text(statistics.seconds) +
               ", " + grouped(piece.tokens.size()) + " tokens, --seed " + std::to_string(seed));
  for (std::size_t i = 1; i < paths.size(); ++i) console.line(paths[i].string());
  return {{"files", files},
          {"seed", seed},
          {"notes", statistics.notes},
          {"seconds", statistics.seconds},
          {"tokens", piece.tokens.size()},
          {"primer_tokens", piece.primer_tokens}};
}

// Of one piece its report is the result, of several the list "pieces".
void report_all(const std::vector<generate::Composition>& pieces, std::uint64_t seed, const cli::Arguments& arguments,
                cli::Console& console) {
  nlohmann::json reports = nlohmann::json::array();
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    reports.push_back(report(pieces[i], seed + i, outputs(arguments, static_cast<int>(i)), console));
    tokens += pieces[i].tokens.size();
  }
  const double speed = pieces[0].seconds > 0 ? double(tokens) / pieces[0].seconds : 0;
  console.result() = pieces.size() == 1 ? reports[0] : nlohmann::json{{"pieces", reports}};
  console.result()["tokens_per_s"] = speed;
  console.line("generated at " + grouped(static_cast<std::uint64_t>(speed)) + " tokens/s");
}

// What a picture or a sound cannot hold of the given piece is not worth a warning.
Status write_piece(const notation::Piece& piece, const std::filesystem::path& path,
                   const render::PianoRollOptions& picture) {
  notation::Diagnostics ignored;
  return is_stdout(path) ? write_to_stdout(piece, ".mid", picture, ignored) : write_any(piece, path, picture, ignored);
}

void note_silent_tracks(const std::vector<generate::Composition>& pieces, const generate::ComposeOptions& options,
                        cli::Console& console) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& tracks = pieces[i].score.tracks;
    for (std::size_t track = tracks.size() - std::min(tracks.size(), options.add_tracks.size()); track < tracks.size();
         ++track)
      if (tracks[track].notes.empty())
        console.note("continuo: note: the model left " + tracks[track].name + " silent (--seed " +
                     std::to_string(options.seed + i) + ")");
  }
}

}  // namespace

Result<GivenPiece> read_primer(const std::string& argument, generate::ComposeOptions& options, cli::Console& console) {
  CONTINUO_ASSIGN(notation::Piece piece, read_piece(argument, console));
  options.primer = std::move(piece.score);
  return GivenPiece{argument, std::move(piece.side_tracks)};
}

Status compose_pieces(const cli::Arguments& arguments, const generate::ComposeOptions& options, const GivenPiece& given,
                      cli::Console& console) {
  if (is_stdout(arguments.path("output"))) {
    if (variations(arguments) > 1)
      return Error{ErrorCode::invalid_argument, "several variations need the name of a file: --output", {}, {}};
    CONTINUO_TRY(console.take_stdout());
  }
  CONTINUO_TRY(check_outputs(arguments));
  CONTINUO_ASSIGN(const auto pieces, run_model(arguments, options, given.name));
  note_silent_tracks(pieces, options, console);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].score.note_count() == 0) {
      return Error{ErrorCode::no_notes, "the model generated no notes; try another --seed or a longer piece", {}, {}};
    }
    const render::PianoRollOptions picture{.new_from = start_of_new_music(options.primer, pieces[i].score)};
    for (const auto& path : outputs(arguments, static_cast<int>(i)))
      CONTINUO_TRY(write_piece({pieces[i].score, given.side_tracks}, path, picture));
  }
  report_all(pieces, options.seed, arguments, console);
  return {};
}

std::vector<cli::Field> output_options() {
  using cli::Type;
  return {model_option(),
          {.name = "output",
           .letter = 'o',
           .type = Type::kPath,
           .unit = "OUT",
           .help = "Piece to write, by its extension: " + notation::listed(output_extensions()) +
                   "; - for MIDI on standard output",
           .required = true},
          {.name = "variations",
           .type = Type::kInteger,
           .unit = "N",
           .help = "Write N pieces, with seeds that follow one another: OUT-1.mid, OUT-2.mid, ...",
           .default_value = "1",
           .range = {1, 1000}},
          {.name = "wav", .type = Type::kPath, .unit = "FILE.wav", .help = "Also render the piece as sound"},
          {.name = "png", .type = Type::kPath, .unit = "FILE.png", .help = "Also draw it as a piano roll"},
          {.name = "svg", .type = Type::kPath, .unit = "FILE.svg", .help = "Also draw it as a piano roll"}};
}

std::vector<cli::Field> sampling_options() {
  using cli::Type;
  return options::in_group(
      "Sampling", {{.name = "temperature",
                    .letter = 't',
                    .type = Type::kReal,
                    .unit = "T",
                    .help = "Below 1 more predictable, above 1 more varied; 0: always the most likely token",
                    .default_value = "1",
                    .range = {0, 10}},
                   {.name = "temperature_of",
                    .unit = "LIST",
                    .help = "Temperatures for kinds of words, such as pitch=0.8,velocity=1.2, of 0 to 10; which "
                            "kind comes next stays with --temperature. A wrong name is answered with the "
                            "kinds that the model has"},
                   {.name = "top_k",
                    .type = Type::kInteger,
                    .unit = "K",
                    .help = "Sample among the K most likely tokens; 0: all",
                    .default_value = "0",
                    .range = {0, 1000000}},
                   {.name = "top_p",
                    .type = Type::kReal,
                    .unit = "P",
                    .help = "Sample among the most likely tokens whose probabilities sum to P",
                    .default_value = "1",
                    .range = {0.001, 1}},
                   {.name = "min_p",
                    .type = Type::kReal,
                    .unit = "P",
                    .help = "Drop tokens less than P times as likely as the most likely one",
                    .default_value = "0",
                    .range = {0, 0.999}},
                   {.name = "typical",
                    .type = Type::kReal,
                    .unit = "P",
                    .help = "Sample among the tokens, of probability P in all, that are as surprising as is "
                            "usual here: neither too obvious nor too odd",
                    .default_value = "1",
                    .range = {0.001, 1}},
                   {.name = "rounds",
                    .type = Type::kInteger,
                    .unit = "N",
                    .help = "Number of unmasking rounds (bert only)",
                    .default_value = "12",
                    .range = {1, 1000}},
                   {.name = "refinements",
                    .type = Type::kInteger,
                    .unit = "N",
                    .help = "Rounds after these that draw a random part of the tokens again (bert only); "
                            "-1: twice as many",
                    .default_value = "-1",
                    .range = {-1, 10000}}});
}

Status read_sampling(const cli::Arguments& arguments, generate::ComposeOptions& options) {
  options.seed = arguments.given("seed") ? arguments.seed() : new_seed();
  options.sampler = {.temperature = arguments.number("temperature"),
                     .top_k = static_cast<int>(arguments.integer("top_k")),
                     .top_p = arguments.number("top_p"),
                     .min_p = arguments.number("min_p"),
                     .typical = arguments.number("typical")};
  options.rounds = static_cast<int>(arguments.integer("rounds"));
  options.refinements = static_cast<int>(arguments.integer("refinements"));
  if (!arguments.has("temperature_of")) return {};
  CONTINUO_ASSIGN(options.temperature_of, read_temperatures(arguments.text("temperature_of"), "--temperature-of"));
  return {};
}

}  // namespace continuo::app
