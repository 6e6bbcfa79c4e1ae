#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::runs {

// One step as metrics.csv has it. All numbers describe the step or the run up to and including it.
struct MetricsRow {
  std::int64_t step = 0;  // counted from 1: how many are done
  double epoch = 0;
  std::uint64_t tokens = 0;
  double elapsed_sec = 0;
  double loss = 0;
  std::optional<double> validation_nll;
  // By quarter of the window; empty where no token was predicted from one, and without a validation.
  std::array<std::optional<double>, 4> quarter_nll;
  double learning_rate = 0, gradient_norm = 0, tokens_per_s = 0;
};

// The history of a run, one row a step. Written as a whole, so that the file is never half a line.
class MetricsLog {
 public:
  // The rows up to `last_step`; a missing file is an empty history. Files of earlier versions lack the columns of
  // quarters. Errors: those of read_text_file; malformed, naming the line.
  static Result<MetricsLog> read(const std::filesystem::path& csv, std::int64_t last_step);

  void add(const MetricsRow& row) { rows_.push_back(row); }
  // Of the last row. Units: nats per token. Requires: a row was added.
  void set_validation(double nll, const std::array<std::optional<double>, 4>& quarters);
  const std::vector<MetricsRow>& rows() const { return rows_; }
  // The mean loss of the last `count` steps; 0 without any.
  double recent_loss(std::size_t count) const;

  // Losses are written with nine digits, which is every bit of a float.
  Status write_csv(const std::filesystem::path& path) const;

 private:
  std::vector<MetricsRow> rows_;
};

}  // namespace continuo::runs
