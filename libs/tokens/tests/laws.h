#pragma once

#include <algorithm>

#include <gtest/gtest.h>

#include "tokens_of_text.h"

namespace continuo::tokens {

// The laws of tokenizer.h for one score. Music outside a learned vocabulary is no violation: `tokens` is empty then.
struct LawCheck {
  std::vector<TokenId> tokens;
  std::string violation;  // empty: all hold
};

inline LawCheck check_laws(const Tokenizer& tokenizer, const score::Score& score) {
  const auto broken = [](std::string what) { return LawCheck{{}, std::move(what)}; };
  Result<std::vector<TokenId>> tokens = tokenizer.encode(score);
  if (!tokens.ok()) {
    if (tokens.error().code == ErrorCode::out_of_vocabulary) return {};
    return broken("encode: " + tokens.error().to_line());
  }
  const std::unique_ptr<TokenGrammar> grammar = tokenizer.grammar();
  if (const std::ptrdiff_t at = first_violation(*grammar, *tokens); at >= 0) {
    const std::span<const TokenId> said(tokens->data(), std::min(tokens->size(), std::size_t(at) + 1));
    return broken("token " + std::to_string(at) + " breaks the grammar: ... " +
                  words_of(tokenizer, said.last(std::min<std::size_t>(said.size(), 12))));
  }
  const Result<score::Score> decoded = tokenizer.decode(*tokens);
  if (!decoded.ok()) return broken("decode: " + decoded.error().to_line());
  if (*decoded != tokenizer.quantise(score).value()) return broken("decode(encode(s)) != quantise(s)");
  const Result<std::vector<TokenId>> again = tokenizer.encode(*decoded);
  if (!again.ok()) return broken("encode(decode(t)): " + again.error().to_line());
  if (*again != *tokens) return broken("encode(decode(t)) != t");
  if (tokenizer.quantise(*decoded).value() != *decoded) return broken("quantise(quantise(s)) != quantise(s)");
  return {std::move(*tokens), ""};
}

}  // namespace continuo::tokens
