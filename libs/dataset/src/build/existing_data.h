#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/dataset/build_options.h"

#include "shards/manifest.h"

namespace continuo::dataset {

// The data set that a folder already contains, which a build must not replace by another one unasked.
class ExistingData {
 public:
  // Nothing when the folder contains no data set that can be read.
  static std::optional<ExistingData> find(const std::filesystem::path& folder);

  // Refuses a build of another source or other options; `tokenizer` is the name or file that it was asked for. For use
  // before the tokenizer is made, which may take hours. Errors: incompatible.
  Status check_options(const BuildDescription& wanted, std::string_view tokenizer) const;
  // Refuses a build that makes another data set in any way. Errors: incompatible.
  Status check(const BuildDescription& wanted) const;

  // When the data set was finished.
  std::filesystem::file_time_type time() const { return time_; }
  // What the build reported that made it. Errors: those of reading its reject report.
  Result<BuildReport> report() const;

 private:
  ExistingData(std::filesystem::path folder, Manifest manifest)
      : folder_(std::move(folder)), manifest_(std::move(manifest)) {}
  Error refusal(std::string_view built) const;

  std::filesystem::path folder_;
  Manifest manifest_;
  std::filesystem::file_time_type time_;
};

}  // namespace continuo::dataset
