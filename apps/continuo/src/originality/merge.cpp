#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/originality/index.h"

#include "../commands.h"

namespace continuo::app {
namespace {

Status merge(const cli::Arguments& arguments, cli::Console& console) {
  const auto path = arguments.path("output");
  CONTINUO_TRY(check_writable(path));
  std::vector<originality::Index> shards;
  for (const std::string& file : arguments.positionals()) {
    CONTINUO_ASSIGN(originality::Index shard, originality::Index::open(file));
    shards.push_back(std::move(shard));
  }
  CONTINUO_ASSIGN(const auto bytes, originality::merge(shards));
  CONTINUO_TRY(write_file(path, bytes));
  console.line(path.string() + ": " + counted(shards.size(), "shard", "shards") + ", " + grouped(bytes.size()) +
               " bytes");
  console.result() = {{"file", path.string()}, {"shards", shards.size()}, {"bytes", bytes.size()}};
  return {};
}

}  // namespace

cli::Command originality_merge_command() {
  return {
      {.name = "originality merge",
       .summary = "Join the shards of an index",
       .description = "Takes all shards that 'originality build --shard i/n' has made of the same music. The result "
                      "is byte for byte the index that one build without --shard makes.",
       .positionals = {{"SHARD", "Indices that are shards", true}},
       .options = {{.name = "output",
                    .letter = 'o',
                    .type = cli::Type::kPath,
                    .unit = "INDEX",
                    .help = "Index to write",
                    .required = true}},
       .examples = {"continuo originality merge part-*.index -o mine.index"}},
      merge,
      {}};
}

}  // namespace continuo::app
