#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "continuo/base/result.h"
#include "continuo/cli/console.h"

namespace continuo::train_app {

// What --data gives: a data set, which is used as it is; or a folder of music, which is first built into a data set in
// the run's folder, with the tokenizer of the model that training starts from, if there is one.
struct DataRequest {
  std::filesystem::path source;
  std::filesystem::path run;
  std::filesystem::path init_from;       // a model, or a run's folder; empty: none
  std::optional<std::string> tokenizer;  // that is asked for
  std::uint64_t seed = 0;
  int threads = 0;
  bool replace = false;  // a data set in the run's folder that was built differently
};

// Whether a folder is a data set; otherwise it may be one of music. Errors: those of TokenDataset::open but
// wrong_format.
Result<bool> is_data_set(const std::filesystem::path& source);

// That a data set has the tokenizer of --tokenizer. Errors: invalid_argument; those of TokenDataset::open and of
// tokens::make_tokenizer.
Status check_tokenizer(const std::filesystem::path& data_set, const std::string& tokenizer);

// The data set's folder. Warnings of a build are printed. Errors: those of dataset::build and Checkpoint::open;
// invalid_argument (another tokenizer is asked for than the data set or the model has).
Result<std::filesystem::path> training_data(const DataRequest& request, cli::Console& console);

}  // namespace continuo::train_app
