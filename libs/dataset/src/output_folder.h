#pragma once

#include <filesystem>

#include "continuo/base/result.h"

namespace continuo::dataset {

// Where a build writes: a new folder beside the output, which takes the output's place on commit(). Without
// commit() the destructor removes it, and the folders that had to be made for it. Nobody's files are ever
// replaced: the output has to be missing, empty, or hold nothing but a data set.
class OutputFolder {
 public:
  // Errors: io (a file, files of others, cannot be written), incompatible (shards of another number, or a data
  // set that is not in shards).
  static Result<OutputFolder> prepare(const std::filesystem::path& output, int shard_index, int shard_count);
  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&&) = delete;
  ~OutputFolder();

  const std::filesystem::path& temporary() const { return temporary_; }
  // One shard of several: adds its files to the output, the manifest last. Otherwise swaps the folders by
  // rename. Errors: io, no_space; the output is then as it was.
  Status commit();

 private:
  OutputFolder() = default;
  Status add_shard();
  Status swap_folders();

  std::filesystem::path output_, temporary_;
  std::filesystem::path first_made_;  // the topmost folder that did not exist; empty when all did
  int shard_index_ = 0, shard_count_ = 1;
  bool committed_ = false;
};

}  // namespace continuo::dataset
