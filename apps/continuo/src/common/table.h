#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "continuo/cli/console.h"

namespace continuo::app {

enum class LastColumn { text, number };

// Prints rows in columns as wide as their widest cell: the first `texts` columns, and a last one of text, to the left,
// the others, numbers, to the right. Requires: rows of equal sizes.
void print_table(const std::vector<std::vector<std::string>>& rows, std::size_t texts, cli::Console& console,
                 LastColumn last = LastColumn::text);

}  // namespace continuo::app
