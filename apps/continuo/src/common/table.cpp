#include "table.h"

#include <algorithm>

namespace continuo::app {

void print_table(const std::vector<std::vector<std::string>>& rows, std::size_t texts, cli::Console& console,
                 LastColumn last) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - row[i].size(), ' ');
      const bool is_text = i < texts || (i + 1 == row.size() && last == LastColumn::text);
      line += (is_text ? row[i] + blanks : blanks + row[i]) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    // Names come from anybody's files; a terminal would obey their control characters.
    std::ranges::replace_if(
        line, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
    console.line(line);
  }
}

}  // namespace continuo::app
