#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/error.h"
#include "continuo/base/result.h"
#include "continuo/runs/metrics_log.h"

namespace continuo::runs {

// A training run, read from its folder.
struct Run {
  std::filesystem::path folder;
  std::map<std::string, std::string> options;  // of config.toml, as text; of whichever version of Continuo
  MetricsLog metrics;                          // of one step at least
  std::string data;                            // the data set's name; before there is a model that of its folder
  // Of its best or last model; empty before there is one.
  std::optional<std::int64_t> parameters;
  std::string tokenizer;       // its name, "remi"
  std::string tokenizer_json;  // all of it, as text

  // Empty where config.toml does not have it.
  std::string option(std::string_view name) const;
  // The step with the lowest validation NLL; nullptr without a validation.
  const MetricsRow* best() const;
};

// Errors: those of read_text_file for config.toml and metrics.csv; malformed (not TOML, no model, broken rows); empty
// (no step yet). All name the file. A model that cannot be read is as good as none.
Result<Run> read_run(const std::filesystem::path& folder);

struct FoundRuns {
  std::vector<Run> runs;      // in the order of their paths
  std::vector<Error> broken;  // of each folder that is left out: why
};

// All runs in the folders and below them; symbolic links to folders are not followed. A run's folder has two of
// config.toml, metrics.csv and samples/. Errors: not_found (one of `folders` is no folder).
Result<FoundRuns> find_runs(std::span<const std::filesystem::path> folders);

// Names of options whose values differ between the runs, but paths, the model and its size. Without those that a run of
// an earlier version does not have.
std::vector<std::string> differing_options(std::span<const Run> runs);

// Whether two of the runs are known to have different tokenizers, by name or by options: their nats per token cannot be
// compared.
bool tokenizers_differ(std::span<const Run> runs);

}  // namespace continuo::runs
