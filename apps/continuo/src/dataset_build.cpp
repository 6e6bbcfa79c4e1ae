#include "continuo/cli/console.h"
#include "continuo/cli/tokenizer_option.h"
#include "continuo/dataset/build.h"
#include "continuo/tokens/registry.h"

#include "commands.h"
#include "common/build_report.h"

namespace continuo::app {
namespace {

Status build(const cli::Arguments& arguments, cli::Console& console) {
  dataset::BuildOptions options;
  options.source = arguments.positional();
  options.output = arguments.path("output");
  options.tokenizer = arguments.text("tokenizer");
  options.replace = arguments.flag("replace");
  options.seed = arguments.seed();
  if (arguments.has("split")) {
    const auto split = dataset::SplitShares::parse(arguments.text("split"));
    if (!split.ok()) return Error{ErrorCode::invalid_argument, "--split: " + split.error().what, {}, {}};
    options.split = *split;
  }
  options.transpose_down = static_cast<int>(arguments.integer("transpose_down"));
  options.transpose_up = static_cast<int>(arguments.integer("transpose_up"));
  dataset::Filters& filters = options.filters;
  filters.min_notes = static_cast<std::uint32_t>(arguments.integer("min_notes"));
  filters.min_seconds = arguments.number("min_seconds");
  filters.min_pitches = static_cast<int>(arguments.integer("min_pitches"));
  filters.corrupt_meter = !arguments.flag("keep_corrupt_meter");
  filters.duplicates = !arguments.flag("keep_duplicates");
  filters.official = arguments.flag("filter_official");
  if (arguments.has("shard")) {
    CONTINUO_ASSIGN(const Shard shard, read_shard(arguments.text("shard")));
    options.shard_index = shard.index;
    options.shard_count = shard.count;
  }
  ThreadPool threads(arguments.threads());
  auto built = [&] {
    cli::TerminalProgress progress("reading");
    return dataset::build(options, threads, progress);
  }();
  if (!built.ok()) return built.error();
  if (options.shard_count > 1)
    console.line("shard " + arguments.text("shard") + " is done; to join all shards: continuo dataset merge " +
                 options.output.string() + " -o DIR");
  report_build(*built, options.output, options.shard_count == 1, console);
  return {};
}

std::vector<cli::Field> filter_options() {
  return options::in_group("Filters", {{.name = "min_notes",
                                        .type = cli::Type::kInteger,
                                        .unit = "N",
                                        .help = "Leave out pieces with fewer notes (too_short)",
                                        .default_value = "4",
                                        .range = {0, 1e6}},
                                       {.name = "min_seconds",
                                        .type = cli::Type::kReal,
                                        .unit = "X",
                                        .help = "Leave out shorter pieces (too_short)",
                                        .default_value = "0",
                                        .range = {0, 1e6}},
                                       {.name = "min_pitches",
                                        .type = cli::Type::kInteger,
                                        .unit = "N",
                                        .help = "Leave out pieces with fewer different pitches or drums (one_pitch)",
                                        .default_value = "2",
                                        .range = {1, 128}},
                                       {.name = "keep_corrupt_meter",
                                        .type = cli::Type::kFlag,
                                        .help = "Keep pieces with impossible time signatures (corrupt_meter)"},
                                       {.name = "keep_duplicates",
                                        .type = cli::Type::kFlag,
                                        .help = "Keep pieces with the same notes as another one (duplicate)"},
                                       {.name = "filter_official",
                                        .type = cli::Type::kFlag,
                                        .help = "Apply the filters to collections with an official split too"}});
}

std::vector<cli::Field> augmentation_options() {
  return options::in_group("Augmentation", {{.name = "transpose_down",
                                             .type = cli::Type::kInteger,
                                             .unit = "N",
                                             .help = "Add copies of training pieces, up to N semitones lower",
                                             .default_value = "0",
                                             .range = {0, 12}},
                                            {.name = "transpose_up",
                                             .type = cli::Type::kInteger,
                                             .unit = "N",
                                             .help = "Add copies of training pieces, up to N semitones higher",
                                             .default_value = "0",
                                             .range = {0, 12}}});
}

}  // namespace

cli::Command dataset_build_command() {
  cli::Command command{
      {.name = "dataset build",
       .summary = "Turn a folder of music into a data set for training",
       .description =
           "Writes a folder of token files for 'continuo train --data'. Known collections keep their official splits "
           "(see 'continuo dataset list'); other folders are split by piece, the same way each time. Files that cannot "
           "be used are reported, with reasons in rejects.csv. A build that was stopped continues when the same "
           "command is "
           "given again. A finished data set that was built differently is replaced only with --replace.",
       .positionals = {{"SOURCE", "Folder of music files, or a text file that lists them"}},
       .options = {dataset_output_option(),
                   replace_option(),
                   cli::tokenizer_option("Tokenizer to use"),
                   {.name = "split",
                    .unit = "TRAIN/VALID/TEST",
                    .help = "Percentages of the splits; default: the official split, or 80/10/10"},
                   {.name = "shard",
                    .unit = "i/n",
                    .help = "Build only the i-th of n parts, for several machines; 'dataset merge' joins them"}},
       .examples = {"continuo dataset build ~/midi -o data/mine --tokenizer remi",
                    "continuo dataset build ~/midi -o data/other --tokenizer remi --split 90/5/5"}},
      build,
      {}};
  for (const auto& more : {filter_options(), augmentation_options()})
    command.spec.options.insert(command.spec.options.end(), more.begin(), more.end());
  return command;
}

}  // namespace continuo::app
