#include "continuo/runs/metrics_log.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string>

#include "continuo/base/file.h"

namespace continuo::runs {
namespace {

constexpr std::string_view kHeader =
    "step,epoch,tokens,elapsed_sec,loss,validation_nll,learning_rate,gradient_norm,tokens_per_s,validation_nll_quarter_"
    "1,"
    "validation_nll_quarter_2,validation_nll_quarter_3,validation_nll_quarter_4\n";
constexpr std::size_t kQuarters = 9, kColumns = kQuarters + 4;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool parse(std::string_view text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// An empty cell is no number.
bool parse_optional(std::string_view text, std::optional<double>& out) {
  double value = 0;
  if (text.empty()) return true;
  if (!parse(text, value)) return false;
  out = value;
  return true;
}

std::string print_optional(const std::optional<double>& value) {
  char text[32] = "";
  if (value) std::snprintf(text, sizeof text, "%.6f", *value);
  return text;
}

// Requires: columns is kQuarters or kColumns.
bool parse_row(std::string_view line, std::size_t columns, MetricsRow& row) {
  const auto cells = split(line, ',');
  if (cells.size() != columns) return false;
  double step = 0, tokens = 0;
  const bool ok = parse(cells[0], step) && parse(cells[1], row.epoch) && parse(cells[2], tokens) &&
                  parse(cells[3], row.elapsed_sec) && parse(cells[4], row.loss) && parse(cells[6], row.learning_rate) &&
                  parse(cells[7], row.gradient_norm) && parse(cells[8], row.tokens_per_s);
  if (!ok || !parse_optional(cells[5], row.validation_nll)) return false;
  for (std::size_t i = 0; kQuarters + i < columns; ++i) {
    if (!parse_optional(cells[kQuarters + i], row.quarter_nll[i])) return false;
  }
  row.step = std::int64_t(step);
  row.tokens = std::uint64_t(tokens);
  return true;
}

std::string print_row(const MetricsRow& row) {
  char text[256];
  std::snprintf(text, sizeof text, "%lld,%.4f,%llu,%.2f,%.9g,%s,%.6g,%.6g,%.0f", static_cast<long long>(row.step),
                row.epoch, static_cast<unsigned long long>(row.tokens), row.elapsed_sec, row.loss,
                print_optional(row.validation_nll).c_str(), row.learning_rate, row.gradient_norm, row.tokens_per_s);
  std::string line = text;
  for (const auto& quarter : row.quarter_nll) line += "," + print_optional(quarter);
  return line + "\n";
}

}  // namespace

void MetricsLog::set_validation(double nll, const std::array<std::optional<double>, 4>& quarters) {
  rows_.back().validation_nll = nll;
  rows_.back().quarter_nll = quarters;
}

Result<MetricsLog> MetricsLog::read(const std::filesystem::path& csv, std::int64_t last_step) {
  MetricsLog log;
  auto text = read_text_file(csv);
  if (!text) return text.error().code == ErrorCode::not_found ? Result<MetricsLog>(log) : text.error();
  const auto lines = split(*text, '\n');
  const bool is_earlier = split(lines.front(), ',').size() == kQuarters;  // without the columns of quarters
  // What follows the last line end is nothing, or a line that was cut while it was written.
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    MetricsRow row;
    if (!parse_row(lines[i], is_earlier ? kQuarters : kColumns, row)) {
      return Error{ErrorCode::malformed, "not a row of metrics", "line " + std::to_string(i + 1), csv.string()};
    }
    if (row.step <= last_step) log.rows_.push_back(row);
  }
  return log;
}

double MetricsLog::recent_loss(std::size_t count) const {
  count = std::min(count, rows_.size());
  double sum = 0;
  for (std::size_t i = rows_.size() - count; i < rows_.size(); ++i) sum += rows_[i].loss;
  return count > 0 ? sum / double(count) : 0;
}

Status MetricsLog::write_csv(const std::filesystem::path& path) const {
  std::string text(kHeader);
  for (const MetricsRow& row : rows_) text += print_row(row);
  return write_file(path, text);
}

}  // namespace continuo::runs
