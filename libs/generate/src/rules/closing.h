#pragma once

#include <vector>

#include "continuo/tokens/token_grammar.h"

#include "next_token.h"

namespace continuo::generate {

// Ends what is open (sounding notes, an incomplete unit) in the fewest tokens, without asking a model. Where several
// tokens are as quick, the one with the lowest id.
// Appends to `sequence` and advances `grammar` until it can end.
void close_piece(tokens::TokenGrammar& grammar, NextToken& next, std::vector<TokenId>& sequence);

}  // namespace continuo::generate
