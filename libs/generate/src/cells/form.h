#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::generate {

// For each bar of a piece the earlier bar that it repeats; nothing for a new one.
using RepeatedBars = std::vector<std::optional<std::size_t>>;

// A form such as "AABA'" over a piece of `bars` bars: a letter for each section, all of one length. A letter that comes
// again is the same section again; with ' its second half is new.
// Errors: invalid_argument (another character, or sections that are not of whole bars).
Result<RepeatedBars> bars_of_form(std::string_view form, std::size_t bars);

}  // namespace continuo::generate
