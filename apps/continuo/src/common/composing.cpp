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
#include "continuo/metrics/ranking.h"
#include "continuo/notation/notation.h"
#include "continuo/render/piano_roll.h"

#include "../originality/original_option.h"
#include "../voices/voice_option.h"
#include "mixing.h"
#include "model_options.h"
#include "music_input.h"
#include "music_options.h"
#include "outputs.h"
#include "shipped_models.h"

namespace continuo::app {
namespace {

constexpr double kUsualTopP = 0.95;

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

Result<Voices> read_voices(const cli::Arguments& arguments) {
  const auto paths = outputs(arguments, 0);
  return Voices::read(arguments,
                      std::ranges::any_of(paths, [](const auto& path) { return path.extension() == ".wav"; }));
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

// Of --best-of, or as many as are written.
int draws(const cli::Arguments& arguments) {
  return arguments.has("best_of") ? static_cast<int>(arguments.integer("best_of")) : variations(arguments);
}

// The pieces to write, in this order, and what has been drawn for them.
struct Drawn {
  std::vector<generate::Composition> pieces;
  std::vector<metrics::Rated> ratings;  // of each
  std::size_t draws = 0, tokens = 0;
};

// Rates the pieces, and with --best-of puts the best first and leaves the others out.
void rank(const cli::Arguments& arguments, const std::optional<score::Score>& primer, Drawn& drawn) {
  std::vector<metrics::Rated> ratings;
  for (const generate::Composition& piece : drawn.pieces) {
    metrics::Rated rating{.log_likelihood = piece.likelihood.mean(), .closeness = {}};
    if (primer) rating.closeness = metrics::closeness(metrics::new_notes(piece.score, *primer), *primer).mean();
    ratings.push_back(rating);
  }
  drawn.draws = drawn.pieces.size();
  if (!arguments.has("best_of")) {
    drawn.ratings = std::move(ratings);
    return;
  }
  std::vector<generate::Composition> best;
  for (const std::size_t i : metrics::ranked(ratings)) {
    if (best.size() == static_cast<std::size_t>(variations(arguments))) break;
    best.push_back(std::move(drawn.pieces[i]));
    drawn.ratings.push_back(ratings[i]);
  }
  drawn.pieces = std::move(best);
}

// `primer`: the argument that names the piece that is given, if any.
Result<Drawn> run_model(const cli::Arguments& arguments, const generate::ComposeOptions& options,
                        const std::string& primer, cli::Console& console) {
  CONTINUO_ASSIGN(const auto path, model_file(arguments, fitting_model(options)));
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(path));
  constexpr std::string_view kBertOnly[] = {"rounds", "refinements"};
  CONTINUO_TRY(check_model_options(arguments, kBertOnly, checkpoint.model, path));
  auto composer = generate::Composer::load(checkpoint, read_load_options(arguments));
  if (!composer.ok()) return composer.error().in_file(path.string());
  CONTINUO_ASSIGN(composer->model, mixed(composer->model, checkpoint, arguments));
  if (const Status can = generate::check_task(*composer, options); !can.ok()) return can.error().in_file(path.string());
  CONTINUO_ASSIGN(const IsOriginal is_original, read_originality(arguments, path, options.primer));
  std::size_t refused = 0;
  IsOriginal accepts;
  if (is_original)
    accepts = [&](const generate::Composition& piece) {
      const bool accepted = is_original(piece);
      refused += std::size_t(!accepted);
      return accepted;
    };
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("composing");
  Drawn drawn;
  auto pieces = generate::compose_distinct(
      *composer, options, {.drawn = draws(arguments), .wanted = variations(arguments), .accepts = accepts}, threads,
      progress, &drawn.tokens);
  if (!pieces.ok()) return options.primer ? pieces.error().in_file(primer) : pieces.error();
  drawn.pieces = std::move(*pieces);
  if (refused > 0)
    console.note("continuo: note: " + counted(refused, "draft", "drafts") + " shared " +
                 std::to_string(arguments.integer("original")) + " notes or more, and others were composed");
  if (drawn.pieces.empty())
    return Error{ErrorCode::no_notes,
                 "every piece that was drawn shares a passage of " + std::to_string(arguments.integer("original")) +
                     " notes or more with known music: try a larger --original",
                 {},
                 {}};
  rank(arguments, options.primer, drawn);
  if (!arguments.has("model")) console.note("continuo: note: composed with " + path.string());
  return drawn;
}

// "-0.812 nats per token, 0.93 close to the given piece".
std::string rating_text(const metrics::Rated& rating) {
  const std::string likelihood = cli::fixed(rating.log_likelihood, 3) + " nats per token";
  return rating.closeness ? likelihood + ", " + cli::fixed(*rating.closeness, 2) + " close to the given piece"
                          : likelihood;
}

nlohmann::json report(const generate::Composition& piece, const metrics::Rated& rating, bool shows_rating,
                      const std::vector<std::filesystem::path>& paths, cli::Console& console) {
  const auto statistics = metrics::piece_statistics(piece.score);
  nlohmann::json files = nlohmann::json::array();
  for (const auto& path : paths) files.push_back(path.string());
  console.line(paths[0].string() + ": " + grouped(statistics.notes) + " notes, " + clock_text(statistics.seconds) +
               ", " + grouped(piece.tokens.size()) + " tokens, --seed " + std::to_string(piece.seed) +
               (shows_rating ? "; " + rating_text(rating) : ""));
  for (std::size_t i = 1; i < paths.size(); ++i) console.line(paths[i].string());
  nlohmann::json result = {{"files", files},
                           {"seed", piece.seed},
                           {"notes", statistics.notes},
                           {"seconds", statistics.seconds},
                           {"tokens", piece.tokens.size()},
                           {"primer_tokens", piece.primer_tokens},
                           {"log_likelihood_per_token", rating.log_likelihood}};
  if (rating.closeness) result["closeness"] = *rating.closeness;
  return result;
}

// Of one piece its report is the result, of several the list "pieces".
void report_all(const Drawn& drawn, const cli::Arguments& arguments, cli::Console& console) {
  const bool several = variations(arguments) > 1, ranks = arguments.has("best_of");
  nlohmann::json reports = nlohmann::json::array();
  for (std::size_t i = 0; i < drawn.pieces.size(); ++i)
    reports.push_back(
        report(drawn.pieces[i], drawn.ratings[i], several || ranks, outputs(arguments, static_cast<int>(i)), console));
  const double seconds = drawn.pieces[0].seconds, speed = seconds > 0 ? double(drawn.tokens) / seconds : 0;
  console.result() = several ? nlohmann::json{{"pieces", reports}} : reports[0];
  console.result()["tokens_per_s"] = speed;
  if (ranks) {
    const bool is_close = drawn.ratings[0].closeness.has_value();
    console.result()["drawn"] = drawn.draws;
    console.line("the best of " + counted(drawn.draws, "piece", "different pieces") + ", the best first: by " +
                 (is_close ? "how likely the model finds the new tokens, and how close the new notes are to the given "
                             "piece in pitch classes and density"
                           : "how likely the model finds their tokens"));
  }
  if (drawn.pieces.size() < static_cast<std::size_t>(variations(arguments)))
    console.note("continuo: note: only " + std::to_string(drawn.pieces.size()) + " of " +
                 std::to_string(variations(arguments)) + " variations " +
                 (arguments.has("original") ? "are original and differ" : "differ") + ", and no others are written");
  console.line("generated at " + grouped(static_cast<std::uint64_t>(speed)) + " tokens/s");
}

// Of the voices those that the piece has tracks for, with a note on the others and on what replaces what.
Voices fitting_voices(const Voices& voices, const score::Score& piece, cli::Console& console) {
  std::vector<std::string> left_out;
  Voices fitting = voices.fitting(piece, left_out);
  for (const std::string& text : left_out) console.note("continuo: note: " + text);
  note_substitutions(fitting, piece, console);
  return fitting;
}

// What a picture or a sound cannot hold of the given piece is not worth a warning.
Status write_piece(const notation::Piece& piece, const std::filesystem::path& path, const OutputStyle& style) {
  notation::Diagnostics ignored;
  return is_stdout(path) ? write_to_stdout(piece, ".mid", style, ignored) : write_any(piece, path, style, ignored);
}

void note_silent_tracks(const std::vector<generate::Composition>& pieces, const generate::ComposeOptions& options,
                        cli::Console& console) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& tracks = pieces[i].score.tracks;
    for (std::size_t track = tracks.size() - std::min(tracks.size(), options.add_tracks.size()); track < tracks.size();
         ++track)
      if (tracks[track].notes.empty())
        console.note("continuo: note: the model left " + tracks[track].name + " silent (--seed " +
                     std::to_string(pieces[i].seed) + ")");
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
  if (draws(arguments) < variations(arguments))
    return Error{ErrorCode::invalid_argument, "--best-of must be at least --variations", {}, {}};
  CONTINUO_TRY(check_outputs(arguments));
  CONTINUO_ASSIGN(const Voices voices, read_voices(arguments));
  CONTINUO_ASSIGN(const Drawn drawn, run_model(arguments, options, given.name, console));
  const auto& pieces = drawn.pieces;
  note_silent_tracks(pieces, options, console);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].score.note_count() == 0) {
      return Error{ErrorCode::no_notes, "the model generated no notes; try another --seed or a longer piece", {}, {}};
    }
    if (options.primer && pieces[i].score == *options.primer)
      console.note("continuo: note: nothing has changed: the piece is as it was given");
    const OutputStyle style{.picture = {.new_from = start_of_new_music(options.primer, pieces[i].score)},
                            .voices = fitting_voices(voices, pieces[i].score, console)};
    for (const auto& path : outputs(arguments, static_cast<int>(i)))
      CONTINUO_TRY(write_piece({pieces[i].score, given.side_tracks}, path, style));
  }
  report_all(drawn, arguments, console);
  return {};
}

std::vector<cli::Field> output_options() {
  using cli::Type;
  return {optional_model_option(),
          mix_option(),
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
           .help = "Write N pieces, each another: OUT-1.mid, OUT-2.mid, ...",
           .default_value = "1",
           .range = {1, 1000}},
          {.name = "best_of",
           .type = Type::kInteger,
           .unit = "M",
           .help = "Compose M pieces and write the best, or with --variations the best N, the best first: those that "
                   "the model finds most likely and that are close to a given piece",
           .range = {1, 1000}},
          {.name = "wav", .type = Type::kPath, .unit = "FILE.wav", .help = "Also render the piece as sound"},
          voice_option(),
          {.name = "png", .type = Type::kPath, .unit = "FILE.png", .help = "Also draw it as a piano roll"},
          {.name = "svg", .type = Type::kPath, .unit = "FILE.svg", .help = "Also draw it as a piano roll"}};
}

std::vector<cli::Field> sampling_options(UsualDraw usual) {
  using cli::Type;
  const bool keeps_all = usual == UsualDraw::kAll;
  return options::in_group(
      "Sampling",
      {{.name = "temperature",
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
        .default_value = keeps_all ? "1" : "",
        .default_text = keeps_all ? "" : cli::fixed(kUsualTopP, 2) + ", or 1 with --top-k, --min-p or --typical",
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
  const bool is_limited = arguments.given("top_k") || arguments.given("min_p") || arguments.given("typical");
  options.sampler = {.temperature = arguments.number("temperature"),
                     .top_k = static_cast<int>(arguments.integer("top_k")),
                     .top_p = arguments.has("top_p") ? arguments.number("top_p")
                              : is_limited           ? 1
                                                     : kUsualTopP,
                     .min_p = arguments.number("min_p"),
                     .typical = arguments.number("typical")};
  options.rounds = static_cast<int>(arguments.integer("rounds"));
  options.refinements = static_cast<int>(arguments.integer("refinements"));
  if (!arguments.has("temperature_of")) return {};
  CONTINUO_ASSIGN(options.temperature_of, read_temperatures(arguments.text("temperature_of"), "--temperature-of"));
  return {};
}

}  // namespace continuo::app
