#include "build/work_folder.h"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "shards/manifest.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

Error output_error(const fs::path& output, std::string what, ErrorCode code = ErrorCode::io) {
  return {.code = code, .what = std::move(what), .path = output.string()};
}

Error system_error(const fs::path& output, const std::error_code& code) {
  return platform::error_from_errno(code.value(), output, "cannot be written");
}

Result<std::vector<std::string>> names_in(const fs::path& folder) {
  std::error_code code;
  std::vector<std::string> names;
  for (fs::directory_iterator child(folder, code); !code && child != fs::directory_iterator(); child.increment(code))
    names.push_back(child->path().filename().string());
  if (code) return output_error(folder, "cannot be listed (" + code.message() + ")");
  return names;
}

// Refuses a folder that holds anything but a data set, or shards where this is none of them.
Status check_replaceable(const fs::path& output, Shard shard) {
  CONTINUO_ASSIGN(const auto names, names_in(output));
  for (const std::string& name : names) {
    const auto held = shard_of_name(name);
    const bool ours = (held || is_dataset_file(name)) && !fs::is_directory(output / name);
    if (!ours)
      return output_error(output, "contains " + name + ", which is not part of a data set; it is not replaced");
    if (name == kManifestName && !read_manifest(output / name).ok())
      return output_error(output, "contains " + name + ", which is not a data set's; it is not replaced");
    const int held_count = held ? held->count : 1;
    if (held_count == shard.count) continue;
    std::string what = "contains shards of " + std::to_string(held_count) + ", not of " + std::to_string(shard.count);
    if (!held) what = "contains a data set that is not in shards";
    if (shard.count == 1) what = "contains shards";
    return output_error(output, what + "; choose another folder or remove them", ErrorCode::incompatible);
  }
  return {};
}

fs::path first_missing(fs::path folder) {
  std::error_code ignored;
  fs::path missing;
  while (!folder.empty() && !fs::exists(folder, ignored)) {
    missing = folder;
    folder = folder.parent_path();
  }
  return missing;
}

}  // namespace

Error said_of_output(Error error, const fs::path& work, const fs::path& output) {
  if (error.path.starts_with(work.string())) error.path = output.string();
  return error;
}

Result<WorkFolder> WorkFolder::open(const fs::path& output, Shard shard) {
  std::error_code code;
  WorkFolder folder;
  folder.keep_ = true;  // until the lock is ours
  folder.output_ = fs::weakly_canonical(fs::absolute(output, code), code);
  if (code) return output_error(output, "cannot be written (" + code.message() + ")");
  if (folder.output_.filename().empty()) folder.output_ = folder.output_.parent_path();
  folder.shard_ = shard;

  const fs::file_status status = fs::status(folder.output_, code);
  if (fs::is_directory(status)) {
    CONTINUO_TRY(check_replaceable(folder.output_, shard));
  } else if (fs::exists(status)) {
    return output_error(output, "is a file, not a folder");
  }
  folder.first_made_ = first_missing(folder.output_.parent_path());
  folder.work_ = folder.output_.string() + ".building" + (shard.count > 1 ? "-" + to_string(shard) : "");
  if (fs::create_directories(folder.work_, code); code) return system_error(output, code);
  CONTINUO_ASSIGN(folder.lock_, platform::FileLock::try_lock(folder.work_ / "lock"));
  if (!folder.lock_) return output_error(output, "is being built by another process");
  folder.keep_ = false;
  return folder;
}

WorkFolder::WorkFolder(WorkFolder&& other) noexcept
    : output_(std::move(other.output_)),
      work_(std::exchange(other.work_, {})),
      first_made_(std::exchange(other.first_made_, {})),
      lock_(std::move(other.lock_)),
      shard_(other.shard_),
      keep_(std::exchange(other.keep_, true)),
      committed_(other.committed_) {}

WorkFolder::~WorkFolder() {
  if (keep_ || work_.empty()) return;
  std::error_code ignored;
  fs::remove_all(work_, ignored);
  if (committed_ || first_made_.empty()) return;
  // remove() takes empty folders only, so another process's files stay.
  for (fs::path made = output_.parent_path(); fs::remove(made, ignored) && made != first_made_;)
    made = made.parent_path();
}

Result<fs::path> WorkFolder::make_data() const {
  const fs::path data = work_ / "data";
  std::error_code code;
  fs::remove_all(data, code);
  if (!code) fs::create_directory(data, code);
  if (code) return system_error(output_, code);
  return data;
}

Status WorkFolder::commit_data() {
  std::error_code code;
  const bool replaces = fs::exists(output_, code) && !fs::is_empty(output_, code);
  CONTINUO_TRY(replaces ? platform::exchange_names(work_ / "data", output_)
                        : platform::rename_over(work_ / "data", output_));
  committed_ = true;
  return {};
}

Status WorkFolder::commit_pieces() {
  std::error_code code;
  fs::create_directories(output_, code);
  if (code) return system_error(output_, code);
  CONTINUO_TRY(platform::sync_file(pieces()));
  CONTINUO_TRY(platform::rename_over(pieces(), output_ / shard_name(shard_)));
  committed_ = true;
  return {};
}

}  // namespace continuo::dataset
