#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "continuo/options/field.h"

namespace continuo::options {

inline constexpr std::size_t kHelpColumns = 100;

// Lines of at most kHelpColumns, broken between words, each after the first indented by `indent`. Line breaks of the
// text are kept. `used` columns of the first line are taken already. A longer word has a line of its own.
std::string wrapped(std::string_view text, std::size_t indent = 0, std::size_t used = 0);

// Two columns, the right one wrapped: what is explained, and its explanation. The left one is indented by two and at
// least `left` columns wide.
using Rows = std::vector<std::pair<std::string, std::string>>;
std::string two_columns(const Rows& rows, std::size_t left = 0);

// The options under the headings of their groups, in the order in which groups appear, each with its range or choices
// and its default.
std::string options_help(const std::vector<Field>& fields);

}  // namespace continuo::options
