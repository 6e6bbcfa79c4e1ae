#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "continuo/cli/console.h"

namespace continuo::app {

// Prints rows in columns as wide as their widest cell: the first `texts` columns and the last one to the left, the
// others, numbers, to the right. Requires: rows of equal sizes.
void print_table(const std::vector<std::vector<std::string>>& rows, std::size_t texts, cli::Console& console);

}  // namespace continuo::app
