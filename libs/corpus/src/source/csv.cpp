#include "continuo/corpus/csv.h"

#include <algorithm>

namespace continuo::corpus {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  bool at_end() const { return position_ >= text_.size(); }
  std::size_t line() const { return line_; }

  Result<std::vector<std::string>> row() {
    std::vector<std::string> fields;
    while (true) {
      CONTINUO_ASSIGN(std::string field, this->field());
      fields.push_back(std::move(field));
      if (at_end()) break;
      const char separator = text_[position_++];
      if (separator == ',') continue;
      if (separator == '\r' && !at_end() && text_[position_] == '\n') ++position_;
      ++line_;
      break;
    }
    return fields;
  }

 private:
  Result<std::string> field() {
    if (!at_end() && text_[position_] == '"') return quoted();
    const std::size_t end = std::min(text_.find_first_of(",\r\n", position_), text_.size());
    const auto found = text_.substr(position_, end - position_);
    position_ = end;
    return std::string(found);
  }

  Result<std::string> quoted() {
    const std::size_t opened_at = line_;
    std::string value;
    for (++position_; !at_end(); ++position_) {
      if (text_[position_] == '\n') ++line_;
      if (text_[position_] != '"') {
        value += text_[position_];
      } else if (position_ + 1 < text_.size() && text_[position_ + 1] == '"') {
        value += text_[++position_];
      } else {
        ++position_;
        const bool ended = at_end() || text_.find_first_of(",\r\n", position_) == position_;
        if (ended) return value;
        return Error{ErrorCode::malformed, "text follows a closing quote", "line " + std::to_string(line_), {}};
      }
    }
    return Error{ErrorCode::malformed, "a quote is left open", "line " + std::to_string(opened_at), {}};
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

Result<CsvTable> CsvTable::parse(std::string_view text) {
  CsvReader reader(text);
  if (reader.at_end()) return Error{ErrorCode::empty, "is empty", {}, {}};
  CsvTable table;
  CONTINUO_ASSIGN(table.names_, reader.row());
  while (!reader.at_end()) {
    const std::size_t line = reader.line();
    CONTINUO_ASSIGN(auto fields, reader.row());
    if (fields.size() == 1 && fields[0].empty()) continue;
    if (fields.size() != table.names_.size()) {
      return Error{ErrorCode::malformed,
                   "has " + std::to_string(fields.size()) + " columns where the first line has " +
                       std::to_string(table.names_.size()),
                   "line " + std::to_string(line),
                   {}};
    }
    table.rows_.push_back(std::move(fields));
  }
  return table;
}

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return std::size_t(found - names_.begin());
}

std::string csv_field(std::string_view text) {
  std::string value(text);
  std::replace_if(
      value.begin(), value.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (value.find_first_of(",\"") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace continuo::corpus
