#include "output_folder.h"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "continuo/base/platform/platform.h"

#include "manifest.h"

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

// Refuses a folder that holds anything but a data set.
Status check_replaceable(const fs::path& output, int shard_count) {
  CONTINUO_ASSIGN(const auto names, names_in(output));
  for (const std::string& name : names) {
    const bool ours = is_dataset_file(name) && !fs::is_directory(output / name);
    if (!ours) return output_error(output, "holds " + name + ", which is no part of a data set; it is not replaced");
    if (!is_manifest(name)) continue;
    const auto manifest = read_manifest(output / name);
    if (!manifest.ok())
      return output_error(output, "holds " + name + ", which is not a data set's; it is not replaced");
    if (shard_count > 1 && manifest->shard_count != shard_count) {
      const int other = manifest->shard_count;
      return output_error(output,
                          other == 1 ? "holds a data set that is not in shards; remove it first"
                                     : "holds shards of " + std::to_string(other) + ", not of " +
                                           std::to_string(shard_count) + "; remove them first",
                          ErrorCode::incompatible);
    }
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

Result<OutputFolder> OutputFolder::prepare(const fs::path& output, int shard_index, int shard_count) {
  std::error_code code;
  OutputFolder folder;
  folder.output_ = fs::weakly_canonical(fs::absolute(output, code), code);
  if (code) return output_error(output, "cannot be written (" + code.message() + ")");
  if (folder.output_.filename().empty()) folder.output_ = folder.output_.parent_path();
  folder.shard_index_ = shard_index;
  folder.shard_count_ = shard_count;

  const fs::file_status status = fs::status(folder.output_, code);
  if (fs::is_directory(status)) {
    CONTINUO_TRY(check_replaceable(folder.output_, shard_count));
  } else if (fs::exists(status)) {
    return output_error(output, "is a file, not a folder");
  }
  const fs::path parent = folder.output_.parent_path();
  folder.first_made_ = first_missing(parent);
  if (fs::create_directories(parent, code); code) return system_error(output, code);
  const fs::path temporary = folder.output_.string() + ".partial-" + platform::unique_suffix();
  if (fs::create_directory(temporary, code); code) return system_error(output, code);
  folder.temporary_ = temporary;
  return folder;
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : output_(std::move(other.output_)),
      temporary_(std::exchange(other.temporary_, {})),
      first_made_(std::exchange(other.first_made_, {})),
      shard_index_(other.shard_index_),
      shard_count_(other.shard_count_),
      committed_(other.committed_) {}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
  if (committed_ || first_made_.empty()) return;
  // remove() takes empty folders only, so another process's files stay.
  for (fs::path made = output_.parent_path(); fs::remove(made, ignored) && made != first_made_;)
    made = made.parent_path();
}

Status OutputFolder::commit() {
  CONTINUO_TRY(shard_count_ > 1 ? add_shard() : swap_folders());
  committed_ = true;
  return {};
}

Status OutputFolder::add_shard() {
  std::error_code code;
  fs::create_directories(output_, code);
  if (code) return system_error(output_, code);
  std::vector<std::string> names;
  for (int i = 0; i < kSplitCount; ++i) names.push_back(tokens_name(Split(i), shard_index_, shard_count_));
  names.push_back(rejects_name(shard_index_, shard_count_));
  names.push_back(manifest_name(shard_index_, shard_count_));
  // While files are exchanged no manifest vouches for them.
  fs::remove(output_ / names.back(), code);
  if (code) return system_error(output_, code);
  for (const std::string& name : names) CONTINUO_TRY(platform::rename_over(temporary_ / name, output_ / name));
  return {};
}

Status OutputFolder::swap_folders() {
  std::error_code code;
  if (!fs::exists(output_, code) || fs::is_empty(output_, code)) return platform::rename_over(temporary_, output_);
  const fs::path old = output_.string() + ".replaced-" + platform::unique_suffix();
  CONTINUO_TRY(platform::rename_over(output_, old));
  if (auto renamed = platform::rename_over(temporary_, output_); !renamed.ok()) {
    fs::rename(old, output_, code);
    return renamed;
  }
  fs::remove_all(old, code);
  return {};
}

}  // namespace continuo::dataset
