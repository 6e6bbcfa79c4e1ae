#pragma once

#include <filesystem>

#include "continuo/cli/command.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/dataset.h"
#include "continuo/metrics/evaluate.h"

namespace continuo::app {

// Reads --shard into the options. Errors: invalid_argument (no i/n; --output, which goes with it, alone or missing;
// options that it cannot be combined with).
Status read_part(const cli::Arguments& arguments, metrics::EvaluateOptions& options);

// Writes what a shard has measured to --output.
Status write_part(const std::filesystem::path& model, const dataset::TokenDataset& data,
                  const metrics::MeasuredPieces& measured, const cli::Arguments& arguments, cli::Console& console);

}  // namespace continuo::app
