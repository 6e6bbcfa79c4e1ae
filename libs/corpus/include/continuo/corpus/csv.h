#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::corpus {

// A table whose first row names the columns. Source: RFC 4180, and LF or CR alone as line ends as well.
class CsvTable {
 public:
  // Errors: malformed (a quote left open, a row of another length than the first; names the line), empty.
  static Result<CsvTable> parse(std::string_view text);

  std::size_t rows() const { return rows_.size(); }
  std::optional<std::size_t> column(std::string_view name) const;
  const std::string& at(std::size_t row, std::size_t column) const { return rows_[row][column]; }

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> rows_;
};

// A field as a csv holds it: quoted where needed, line breaks turned into spaces.
std::string csv_field(std::string_view text);

}  // namespace continuo::corpus
