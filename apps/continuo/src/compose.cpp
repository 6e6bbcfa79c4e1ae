#include "continuo/generate/compose.h"

#include <charconv>

#include "continuo/base/file.h"
#include "continuo/cli/console.h"
#include "continuo/metrics/piece_statistics.h"
#include "continuo/notation/notation.h"
#include "continuo/render/audio.h"
#include "continuo/render/piano_roll.h"

#include "commands.h"
#include "outputs.h"
#include "precision.h"

namespace continuo::app {
namespace {

// "5-8" or "5": measures counted from 1.
Result<generate::BarRange> read_bars(const std::string& text) {
  generate::BarRange bars;
  const auto* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, bars.first);
  bars.last = bars.first;
  bool good = first.ec == std::errc();
  if (good && first.ptr != end) {
    const auto second = *first.ptr == '-' ? std::from_chars(first.ptr + 1, end, bars.last)
                                          : std::from_chars_result{first.ptr, std::errc::invalid_argument};
    good = second.ec == std::errc() && second.ptr == end;
  }
  if (good && bars.first >= 1 && bars.last >= bars.first) return bars;
  return Error{ErrorCode::invalid_argument, "--fill takes bars counted from 1, such as 5-8", {}, {}};
}

generate::Length read_length(const cli::Arguments& arguments) {
  if (arguments.has("tokens")) return {generate::LengthUnit::kTokens, arguments.number("tokens")};
  if (arguments.has("seconds")) return {generate::LengthUnit::kSeconds, arguments.number("seconds")};
  return {generate::LengthUnit::kBars, arguments.has("bars") ? arguments.number("bars") : 16};
}

Result<generate::ComposeOptions> read_options(const cli::Arguments& arguments) {
  generate::ComposeOptions options;
  const int lengths = int(arguments.given("bars")) + int(arguments.given("seconds")) + int(arguments.given("tokens"));
  if (lengths > 1) return Error{ErrorCode::invalid_argument, "give one of --bars, --seconds and --tokens", {}, {}};
  options.length = read_length(arguments);
  if (arguments.has("primer")) {
    CONTINUO_ASSIGN(options.primer, notation::read_score(arguments.path("primer")));
  }
  if (arguments.has("fill")) {
    if (!options.primer) return Error{ErrorCode::invalid_argument, "--fill needs a --primer", {}, {}};
    CONTINUO_ASSIGN(options.fill, read_bars(arguments.text("fill")));
  }
  options.stop_at_end = arguments.flag("stop-at-end");
  options.seed = arguments.seed();
  options.sampler = {.temperature = arguments.number("temperature"),
                     .top_k = static_cast<int>(arguments.integer("top-k")),
                     .top_p = arguments.number("top-p"),
                     .min_p = arguments.number("min-p")};
  options.rounds = static_cast<int>(arguments.integer("rounds"));
  return options;
}

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
    for (const auto& path : outputs(arguments, i)) CONTINUO_TRY(check_writable(path));
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

Result<std::vector<generate::Composition>> run_model(const cli::Arguments& arguments,
                                                     const generate::ComposeOptions& options) {
  const auto path = arguments.path("model");
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(path));
  auto composer = generate::Composer::load(checkpoint, read_load_options(arguments));
  if (!composer.ok()) return composer.error().in_file(path.string());
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("composing");
  auto pieces = generate::compose_variations(*composer, options, variations(arguments), threads, progress);
  if (!pieces.ok() && options.primer) return pieces.error().in_file(arguments.text("primer"));
  return pieces;
}

nlohmann::json report(const generate::Composition& piece, const std::vector<std::filesystem::path>& paths,
                      cli::Console& console) {
  const auto statistics = metrics::piece_statistics(piece.score);
  nlohmann::json files = nlohmann::json::array();
  for (const auto& path : paths) files.push_back(path.string());
  console.line(paths[0].string() + ": " + cli::grouped(statistics.notes) + " notes, " +
               cli::clock_text(statistics.seconds) + ", " + cli::grouped(piece.tokens.size()) + " tokens");
  for (std::size_t i = 1; i < paths.size(); ++i) console.line(paths[i].string());
  return {{"files", files},
          {"notes", statistics.notes},
          {"seconds", statistics.seconds},
          {"tokens", piece.tokens.size()},
          {"primer_tokens", piece.primer_tokens}};
}

// One piece's facts stand at the top, several under "pieces".
void report_all(const std::vector<generate::Composition>& pieces, const cli::Arguments& arguments,
                cli::Console& console) {
  nlohmann::json reports = nlohmann::json::array();
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    reports.push_back(report(pieces[i], outputs(arguments, static_cast<int>(i)), console));
    tokens += pieces[i].tokens.size();
  }
  const double speed = pieces[0].seconds > 0 ? double(tokens) / pieces[0].seconds : 0;
  console.result() = pieces.size() == 1 ? reports[0] : nlohmann::json{{"pieces", reports}};
  console.result()["tokens_per_s"] = speed;
  console.line(cli::grouped(static_cast<std::uint64_t>(speed)) + " tokens a second");
}

Status compose(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto options, read_options(arguments));
  CONTINUO_TRY(check_outputs(arguments));
  CONTINUO_ASSIGN(const auto pieces, run_model(arguments, options));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].score.note_count() == 0) {
      return Error{ErrorCode::no_notes, "the model wrote no note; try another --seed or a longer piece", {}, {}};
    }
    for (const auto& path : outputs(arguments, static_cast<int>(i))) CONTINUO_TRY(write_any(pieces[i].score, path));
  }
  report_all(pieces, arguments, console);
  return {};
}

std::vector<cli::Option> piece_options() {
  using cli::Kind;
  return {
      {.names = "-m,--model",
       .kind = Kind::kPath,
       .placeholder = "FILE",
       .help = "A checkpoint (.safetensors)",
       .required = true},
      {.names = "-o,--output", .kind = Kind::kPath, .placeholder = "OUT.mid", .help = "The piece", .required = true},
      {.names = "--primer",
       .kind = Kind::kPath,
       .placeholder = "FILE",
       .help = "Music to go on from; kept note for note"},
      {.names = "--fill", .placeholder = "A-B", .help = "Rewrite bars A to B of the primer and nothing else (bert)"},
      {.names = "--bars",
       .kind = Kind::kInteger,
       .placeholder = "N",
       .help = "Length of the new music (default 16 bars)",
       .minimum = 1,
       .maximum = 10000},
      {.names = "--seconds",
       .kind = Kind::kNumber,
       .placeholder = "N",
       .help = "Length in seconds instead",
       .minimum = 0.1,
       .maximum = 36000},
      {.names = "--tokens",
       .kind = Kind::kInteger,
       .placeholder = "N",
       .help = "Length in tokens instead",
       .minimum = 1,
       .maximum = 1000000}};
}

std::vector<cli::Option> sampling_options() {
  using cli::Kind;
  return {{.names = "-t,--temperature",
           .kind = Kind::kNumber,
           .placeholder = "T",
           .help = "Below 1 safer, above 1 bolder, 0 always the likeliest",
           .fallback = "1",
           .minimum = 0,
           .maximum = 10},
          {.names = "--top-k",
           .kind = Kind::kInteger,
           .placeholder = "K",
           .help = "Choose among the K likeliest; 0: all",
           .fallback = "0",
           .minimum = 0,
           .maximum = 1000000},
          {.names = "--top-p",
           .kind = Kind::kNumber,
           .placeholder = "P",
           .help = "Choose among the likeliest that make up P of the probability",
           .fallback = "1",
           .minimum = 0.001,
           .maximum = 1},
          {.names = "--min-p",
           .kind = Kind::kNumber,
           .placeholder = "P",
           .help = "Drop tokens less than P times as likely as the likeliest",
           .fallback = "0",
           .minimum = 0,
           .maximum = 0.999}};
}

std::vector<cli::Option> writing_options() {
  using cli::Kind;
  return {{.names = "--variations",
           .kind = Kind::kInteger,
           .placeholder = "N",
           .help = "Write N pieces at once, of N seeds from --seed on: OUT-1.mid, OUT-2.mid, ...",
           .fallback = "1",
           .minimum = 1,
           .maximum = 1000},
          {.names = "--stop-at-end", .kind = Kind::kFlag, .help = "Also end where the model ends the piece"},
          {.names = "--rounds",
           .kind = Kind::kInteger,
           .placeholder = "N",
           .help = "Of unmasking (bert)",
           .fallback = "12",
           .minimum = 1,
           .maximum = 1000},
          {.names = "--wav", .kind = Kind::kPath, .placeholder = "FILE", .help = "Also write sound"},
          {.names = "--png", .kind = Kind::kPath, .placeholder = "FILE", .help = "Also write a piano roll"},
          {.names = "--svg", .kind = Kind::kPath, .placeholder = "FILE", .help = "Also write a piano roll"}};
}

std::vector<cli::Option> options() {
  std::vector<cli::Option> all = piece_options();
  for (const auto& more : {sampling_options(), writing_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_command() {
  return {{.name = "compose",
           .summary = "Compose with a trained model, from nothing or from a primer",
           .details = "  continuo compose --model run/best.safetensors --bars 16 -o new.mid --wav new.wav\n"
                      "  continuo compose --model run/best.safetensors --primer mine.mid --seconds 30 -o longer.mid\n"
                      "  continuo compose --model run/best.safetensors --primer mine.mid --variations 8 -o idea.mid\n"
                      "  continuo compose --model bert/best.safetensors --primer mine.mid --fill 5-8 -o other.mid",
           .options = options()},
          compose,
          {}};
}

}  // namespace continuo::app
