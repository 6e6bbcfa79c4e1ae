#pragma once

#include <filesystem>
#include <string>

#include "continuo/base/result.h"
#include "continuo/cli/console.h"

namespace continuo::train_app {

// What --data gives: a data set, which is used as it is; or a folder of music, which is first built into a data set in
// the run's folder.
struct DataRequest {
  std::filesystem::path source;
  std::filesystem::path run;
  std::string tokenizer;
  std::uint64_t seed = 0;
  int threads = 0;
  bool replace = false;  // a data set in the run's folder that was built differently
};

// Whether a folder is a data set; otherwise it may be one of music. Errors: those of TokenDataset::open but
// wrong_format.
Result<bool> is_data_set(const std::filesystem::path& source);

// The data set's folder. Warnings of a build are printed. Errors: those of dataset::build.
Result<std::filesystem::path> training_data(const DataRequest& request, cli::Console& console);

}  // namespace continuo::train_app
