#pragma once

#include <cstdint>
#include <span>

#include "../request/history.h"
#include "../request/request.h"
#include "bar_lines.h"

namespace continuo::generate {

// Rewrites bars of `primer` with a bidirectional model. `history` is empty at first; in the end it holds what precedes
// the bars, and the new bars. What follows them is context for the model and not appended. The bars keep their meter
// and tempo; those beyond the end of the primer count as empty.
// Requires: the tokenisation marks bars. Errors: interrupted.
Status rewrite_bars(const Request& request, std::span<const TokenId> primer, TokenBars bars, std::uint64_t seed,
                    History& history);

}  // namespace continuo::generate
