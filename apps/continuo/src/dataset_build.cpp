#include <charconv>

#include "continuo/cli/console.h"
#include "continuo/dataset/build.h"
#include "continuo/tokens/tokenizer.h"

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

void report(const dataset::BuildReport& built, const std::filesystem::path& output, cli::Console& console) {
  nlohmann::json splits;
  console.line(output.string() + ": " + cli::grouped(built.files) + " files read");
  for (int i = 0; i < dataset::kSplitCount; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const std::string name(dataset::to_string(static_cast<dataset::Split>(i)));
    splits[name] = {{"pieces", built.pieces[index]}, {"tokens", built.tokens[index]}};
    console.line("  " + name + std::string(12 - name.size(), ' ') + cli::grouped(built.pieces[index]) + " pieces, " +
                 cli::grouped(built.tokens[index]) + " tokens");
  }
  nlohmann::json rejected = nlohmann::json::object();
  for (const auto& [code, count] : built.reject_counts()) {
    rejected[code] = count;
    console.line("  left out: " + cli::grouped(count) + " x " + code);
  }
  if (!built.rejects.empty()) console.line("  each with its reason in " + (output / "rejects.csv").string());
  console.result() = {{"output", output.string()}, {"files", built.files}, {"splits", splits}, {"rejected", rejected}};
}

Status build(const cli::Arguments& arguments, cli::Console& console) {
  dataset::BuildOptions options;
  options.source = arguments.positional();
  options.output = arguments.path("output");
  options.tokenizer = arguments.text("tokenizer");
  options.seed = arguments.seed();
  options.transpose_down = static_cast<int>(arguments.integer("transpose-down"));
  options.transpose_up = static_cast<int>(arguments.integer("transpose-up"));
  if (arguments.has("shard")) CONTINUO_TRY(read_shard(arguments.text("shard"), options));
  ThreadPool threads(arguments.threads());
  auto built = [&] {
    cli::TerminalProgress progress("reading");
    return dataset::build(options, threads, progress);
  }();
  if (!built.ok()) return built.error();
  report(*built, options.output, console);
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
                      "a reason each.\n\n"
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
                        .choices = {names.begin(), names.end()}},
                       {.names = "--shard", .placeholder = "i/n", .help = "Do only the i-th of n parts"},
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
