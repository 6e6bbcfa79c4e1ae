#pragma once

#include <span>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// `tokens` without special ones, if they then are a whole piece by the tokenisation's grammar.
// Errors: invalid_tokens, naming the index in `tokens` and the word.
Result<std::vector<TokenId>> checked_tokens(const Tokenizer& tokenizer, std::span<const TokenId> tokens);

}  // namespace continuo::tokens
