#include "continuo/cli/console.h"
#include "continuo/dataset/build.h"

#include "commands.h"
#include "common/build_report.h"

namespace continuo::app {
namespace {

Status merge(const cli::Arguments& arguments, cli::Console& console) {
  dataset::MergeOptions options;
  for (const std::string& folder : arguments.positionals()) options.folders.emplace_back(folder);
  options.output = arguments.path("output");
  options.replace = arguments.flag("replace");
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("merging");
  CONTINUO_ASSIGN(const auto merged, dataset::merge(options, threads, progress));
  report_build(merged, options.output, true, console);
  return {};
}

}  // namespace

cli::Command dataset_merge_command() {
  return {{.name = "dataset merge",
           .summary = "Join the shards of a data set",
           .description = "Takes all shards that 'dataset build --shard i/n' has made of one collection with the same "
                          "options. The result is byte for byte the data set that one build without --shard makes.",
           .positionals = {{"DIR", "Folders that hold the shards", true}},
           .options = {dataset_output_option(), replace_option()},
           .examples = {"continuo dataset merge parts -o data/mine"}},
          merge,
          {}};
}

}  // namespace continuo::app
