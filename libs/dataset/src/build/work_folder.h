#pragma once

#include <filesystem>
#include <optional>

#include "continuo/base/platform/platform.h"
#include "continuo/base/result.h"

#include "shards/shard_name.h"

namespace continuo::dataset {

// Where a build works: a folder beside the output, of a name that the next process finds again, locked while this one
// runs. Nobody's files are ever replaced: the output has to be missing, empty, or hold nothing but a data set.
class WorkFolder {
 public:
  // Errors: io (the output is a file, holds files of others, cannot be written, or is being built by another process),
  // incompatible (shards of another number, or a data set where a shard was to go, or the other way round).
  static Result<WorkFolder> open(const std::filesystem::path& output, Shard shard);
  WorkFolder(WorkFolder&& other) noexcept;
  WorkFolder& operator=(WorkFolder&&) = delete;
  // Removes the folder, and those that had to be made for it, unless keep() was called.
  ~WorkFolder();

  // OUTPUT.building, or OUTPUT.building-00000-of-00003.
  const std::filesystem::path& path() const { return work_; }
  // A piece file may be in here from a process that did not come to its end.
  std::filesystem::path pieces() const { return work_ / "pieces"; }
  // An empty folder in here for the finished data set. Errors: io, no_space.
  Result<std::filesystem::path> make_data() const;

  // Puts data() in the output's place, at once. Errors: io, no_space; the output is then as it was.
  Status commit_data();
  // Adds the piece file to the output's folder, under the shard's name. Errors: likewise.
  Status commit_pieces();
  // Leaves the folder for a process that continues.
  void keep() { keep_ = true; }

 private:
  WorkFolder() = default;

  std::filesystem::path output_, work_;
  std::filesystem::path first_made_;  // the topmost folder that did not exist; empty when all did
  std::optional<platform::FileLock> lock_;
  Shard shard_;
  bool keep_ = false, committed_ = false;
};

// An error about a file in `work` as one about the output, the name that the user gave.
Error said_of_output(Error error, const std::filesystem::path& work, const std::filesystem::path& output);

}  // namespace continuo::dataset
