#include <algorithm>
#include <system_error>
#include <utility>

#include "continuo/dataset/build.h"

#include "build/assemble.h"
#include "build/work_folder.h"
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

}  // namespace

Result<BuildReport> merge(const std::vector<fs::path>& folders, const fs::path& output, ThreadPool& threads,
                          Progress& progress) {
  if (folders.empty()) return Error{ErrorCode::invalid_argument, "no folder with shards is given", {}, {}};
  std::vector<fs::path> shards;
  for (const fs::path& folder : folders) {
    CONTINUO_ASSIGN(const auto found, shards_in(folder));
    shards.insert(shards.end(), found.begin(), found.end());
  }
  CONTINUO_ASSIGN(WorkFolder work, WorkFolder::open(output, Shard()));
  CONTINUO_ASSIGN(const fs::path data, work.make_data());
  corpus::OrderedRun run(threads, progress);
  auto report = assemble(shards, data, run);
  if (!report.ok()) {
    return said_of_output(report.error().in_file(folders.front().string()), work.path(), output);
  }
  CONTINUO_TRY(work.commit_data());
  return report;
}

}  // namespace continuo::dataset
