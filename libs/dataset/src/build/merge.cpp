#include <algorithm>
#include <system_error>
#include <utility>

#include "continuo/dataset/build.h"

#include "build/assemble.h"
#include "build/existing_data.h"
#include "build/work_folder.h"
#include "shards/piece_file.h"
#include "shards/shard_name.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

Result<std::vector<fs::path>> shards_in(const fs::path& folder) {
  std::error_code code;
  if (!fs::exists(folder, code)) return Error{ErrorCode::not_found, "no such folder", {}, folder.string()};
  std::vector<fs::path> shards;
  for (fs::directory_iterator child(folder, code); !code && child != fs::directory_iterator(); child.increment(code))
    if (shard_of_name(child->path().filename().string())) shards.push_back(child->path());
  if (code) return Error{ErrorCode::io, "cannot be listed (" + code.message() + ")", {}, folder.string()};
  if (shards.empty()) return Error{ErrorCode::incompatible, "holds no shard of a data set", {}, folder.string()};
  std::sort(shards.begin(), shards.end());
  return shards;
}

// Refuses to replace a data set of another build than the shard's.
Status check_replaces_same(const fs::path& output, const fs::path& shard) {
  const auto existing = ExistingData::find(output);
  if (!existing) return {};
  CONTINUO_ASSIGN(const auto reader, PieceFileReader::open(shard, PieceFileReader::Tokens::kSkip));
  const auto described = BuildDescription::from_json(reader.header());
  if (!described.ok()) return described.error().in_file(shard.string());
  return existing->check(*described);
}

}  // namespace

Result<BuildReport> merge(const MergeOptions& options, ThreadPool& threads, Progress& progress) {
  if (options.folders.empty())
    return Error{.code = ErrorCode::invalid_argument, .what = "no folder with shards is given"};
  std::vector<fs::path> shards;
  for (const fs::path& folder : options.folders) {
    CONTINUO_ASSIGN(const auto found, shards_in(folder));
    shards.insert(shards.end(), found.begin(), found.end());
  }
  CONTINUO_ASSIGN(WorkFolder work, WorkFolder::open(options.output, Shard()));
  if (!options.replace) CONTINUO_TRY(check_replaces_same(options.output, shards.front()));
  CONTINUO_ASSIGN(const fs::path data, work.make_data());
  corpus::OrderedRun run(threads, progress);
  auto report = assemble(shards, data, run);
  if (!report.ok())
    return said_of_output(report.error().in_file(options.folders.front().string()), work.path(), options.output);
  CONTINUO_TRY(work.commit_data());
  return report;
}

}  // namespace continuo::dataset
