#pragma once

#include "history.h"
#include "request.h"

namespace continuo::generate {

// Appends to `history` with a bidirectional model, block by block: each sees the latest half context before it.
// Errors: interrupted.
Status write_by_unmasking(const Request& request, History& history);

// Bars as the tokens count them, from 0.
struct TokenBars {
  std::size_t begin = 0, end = 0;
};

// Rewrites bars of `primer`. `history` is empty at first and ends up with what precedes the bars, and the new bars;
// what follows them is seen by the model and not appended. The bars keep their meter; those at the end that the primer
// does not have count as empty. Requires: the tokenisation marks bars. Errors: interrupted.
Status rewrite_bars(const Request& request, std::span<const TokenId> primer, TokenBars bars, History& history);

}  // namespace continuo::generate
