#include <charconv>

#include "continuo/cli/console.h"
#include "continuo/dataset/build.h"
#include "continuo/tokens/registry.h"

#include "build_report.h"
#include "commands.h"

namespace continuo::app {
namespace {

// "2/8": the second of eight processes. Counted from 1, as people do.
Status read_shard(const std::string& text, dataset::BuildOptions& options) {
  const Error wrong{ErrorCode::invalid_argument, "--shard is i/n with 1 <= i <= n, such as 2/8", {}, {}};
  const auto* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, options.shard_index);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return wrong;
  const auto second = std::from_chars(first.ptr + 1, end, options.shard_count);
  if (second.ec != std::errc() || second.ptr != end) return wrong;
  if (options.shard_index < 1 || options.shard_index > options.shard_count) return wrong;
  --options.shard_index;
  return {};
}

Status build(const cli::Arguments& arguments, cli::Console& console) {
  dataset::BuildOptions options;
  options.source = arguments.positional();
  options.output = arguments.path("output");
  options.tokenizer = arguments.text("tokenizer");
  options.seed = arguments.seed();
  options.transpose_down = static_cast<int>(arguments.integer("transpose-down"));
  options.transpose_up = static_cast<int>(arguments.integer("transpose-up"));
  dataset::Filters& filters = options.filters;
  filters.min_notes = static_cast<std::uint32_t>(arguments.integer("min-notes"));
  filters.min_seconds = arguments.number("min-seconds");
  filters.min_pitches = static_cast<int>(arguments.integer("min-pitches"));
  filters.corrupt_meter = !arguments.flag("keep-corrupt-meter");
  filters.duplicates = !arguments.flag("keep-duplicates");
  filters.official = arguments.flag("filter-official");
  if (arguments.has("shard")) CONTINUO_TRY(read_shard(arguments.text("shard"), options));
  ThreadPool threads(arguments.threads());
  auto built = [&] {
    cli::TerminalProgress progress("reading");
    return dataset::build(options, threads, progress);
  }();
  if (!built.ok()) return built.error();
  if (options.shard_count > 1)
    console.line("shard " + arguments.text("shard") + " is done; when all are: continuo dataset merge " +
                 options.output.string() + " -o DIR");
  report_build(*built, options.output, options.shard_count == 1, console);
  return {};
}

}  // namespace

cli::Command dataset_build_command() {
  const auto names = tokens::tokenizer_names();
  return {{.name = "dataset build",
           .summary = "Turn a folder of music into a data set to train on",
           .details = "MAESTRO and Groove are known by their layout and keep their official splits; other "
                      "folders are split\n"
                      "by piece, 80/10/10, the same way each time. Files that cannot be used are counted, with "
                      "a reason each\n"
                      "in rejects.csv. A build that was stopped or killed goes on when the same command is given "
                      "again.\n\n"
                      "  continuo dataset build ~/midi -o data/mine --tokenizer remi",
           .positionals = {{"SOURCE", "A folder of music files"}},
           .options = {{.names = "-o,--output",
                        .kind = cli::Kind::kPath,
                        .placeholder = "DIR",
                        .help = "The data set, a folder",
                        .required = true},
                       {.names = "--tokenizer",
                        .kind = cli::Kind::kChoice,
                        .placeholder = "NAME",
                        .help = "How to spell the music",
                        .fallback = "remi",
                        .choices = {names.begin(), names.end()},
                        .or_extension = ".json"},
                       {.names = "--shard",
                        .placeholder = "i/n",
                        .help = "Do only the i-th of n parts; `dataset merge` puts them together"},
                       {.names = "--min-notes",
                        .kind = cli::Kind::kInteger,
                        .placeholder = "N",
                        .help = "Leave out pieces of fewer notes (too_short)",
                        .fallback = "4",
                        .minimum = 0,
                        .maximum = 1e6},
                       {.names = "--min-seconds",
                        .kind = cli::Kind::kNumber,
                        .placeholder = "X",
                        .help = "Leave out pieces that last less (too_short)",
                        .fallback = "0",
                        .minimum = 0,
                        .maximum = 1e6},
                       {.names = "--min-pitches",
                        .kind = cli::Kind::kInteger,
                        .placeholder = "N",
                        .help = "Leave out pieces of fewer different pitches or drums (one_pitch)",
                        .fallback = "2",
                        .minimum = 1,
                        .maximum = 128},
                       {.names = "--keep-corrupt-meter",
                        .kind = cli::Kind::kFlag,
                        .help = "Keep pieces whose time signatures no music can have (corrupt_meter)"},
                       {.names = "--keep-duplicates",
                        .kind = cli::Kind::kFlag,
                        .help = "Keep pieces of the same notes as another (duplicate)"},
                       {.names = "--filter-official",
                        .kind = cli::Kind::kFlag,
                        .help = "Leave such pieces out of collections with an official split as well"},
                       {.names = "--transpose-down",
                        .kind = cli::Kind::kInteger,
                        .placeholder = "N",
                        .help = "Also store training pieces up to N semitones lower",
                        .fallback = "0",
                        .minimum = 0,
                        .maximum = 12},
                       {.names = "--transpose-up",
                        .kind = cli::Kind::kInteger,
                        .placeholder = "N",
                        .help = "Also store training pieces up to N semitones higher",
                        .fallback = "0",
                        .minimum = 0,
                        .maximum = 12}}},
          build,
          {}};
}

}  // namespace continuo::app
