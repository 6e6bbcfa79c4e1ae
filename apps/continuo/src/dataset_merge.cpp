#include "continuo/cli/console.h"
#include "continuo/dataset/build.h"

#include "build_report.h"
#include "commands.h"

namespace continuo::app {
namespace {

Status merge(const cli::Arguments& arguments, cli::Console& console) {
  std::vector<std::filesystem::path> folders;
  for (const std::string& folder : arguments.positionals()) folders.emplace_back(folder);
  const std::filesystem::path output = arguments.path("output");
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("merging");
  CONTINUO_ASSIGN(const auto merged, dataset::merge(folders, output, threads, progress));
  report_build(merged, output, true, console);
  return {};
}

}  // namespace

cli::Command dataset_merge_command() {
  return {{.name = "dataset merge",
           .summary = "Put the shards of a data set together",
           .details = "The shards are those of `dataset build --shard i/n`, all of them, of one collection and the "
                      "same options.\n"
                      "The result is byte for byte what one build without --shard makes.\n\n"
                      "  continuo dataset merge parts -o data/mine",
           .positionals = {{"DIR", "Folders that hold the shards", true}},
           .options = {{.names = "-o,--output",
                        .kind = cli::Kind::kPath,
                        .placeholder = "DIR",
                        .help = "The data set, a folder",
                        .required = true}}},
          merge,
          {}};
}

}  // namespace continuo::app
