#pragma once

#include <filesystem>
#include <string>

#include "continuo/base/result.h"

namespace continuo::train_app {

// What --data means: a data set as it is; or a folder of music, which is made into one inside the run's folder
// first.
struct DataRequest {
  std::filesystem::path source;
  std::filesystem::path run;
  std::string tokenizer;
  std::uint64_t seed = 0;
  int threads = 0;
};

// The data set's folder. Errors: those of dataset::build.
Result<std::filesystem::path> training_data(const DataRequest& request);

}  // namespace continuo::train_app
