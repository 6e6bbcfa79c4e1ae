#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../request/history.h"
#include "../request/request.h"
#include "bar_lines.h"
#include "token_steps.h"

namespace continuo::generate {

// Rewrites bars of `primer` with a bidirectional model. `history` is empty at first; in the end it holds what precedes
// the bars, and the new bars. What follows them is context for the model and not appended. The bars keep their meter
// and tempo; those beyond the end of the primer count as empty.
// Requires: the tokenisation marks bars. Errors: interrupted.
Status rewrite_bars(const Request& request, std::span<const TokenId> primer, TokenBars bars, std::uint64_t seed,
                    History& history);

// The same for a tokenisation in which each token has its place by its number: the tokens of `steps`, which may go
// beyond the primer's end, are drawn anew, each step as a whole. Requires: TokenSteps::can_count. Errors: interrupted.
Status rewrite_steps(const Request& request, std::span<const TokenId> primer, TokenRange steps, std::uint64_t seed,
                     History& history);

// Fills in the masks of `steps`, of which each holds one token for every voice; the other tokens are given. `history`
// holds what precedes the steps, and `after` is context that follows them. Requires, and errors: as rewrite_steps().
Status fill_in_steps(const Request& request, std::vector<std::vector<TokenId>> steps, std::span<const TokenId> after,
                     std::uint64_t seed, History& history);

}  // namespace continuo::generate
