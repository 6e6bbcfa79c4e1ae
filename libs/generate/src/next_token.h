#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "continuo/tokens/token_grammar.h"

#include "token_facts.h"

namespace continuo::generate {

inline constexpr int kUnlimited = std::numeric_limits<int>::max();

// What the composer demands of the next token, beyond the grammar.
struct NextTokenRules {
  // kBars: a bar line, or where the tokenisation puts something before it, what leads there.
  enum class Only { kAny, kBars };
  Only only = Only::kAny;
  bool allow_bars = true;
  bool allow_timing = true;  // meter and tempo words
  bool allow_end = false;    // EOS, where the grammar has it
  int left = kUnlimited;     // tokens that may still be written, this one included, until the piece can end
};

// The tokens that may come next. Keeps scratch memory; not thread-safe.
class NextToken {
 public:
  explicit NextToken(const TokenFacts& facts) : facts_(facts), legal_(std::size_t(facts.vocab_size())) {}

  // Shape: returns [vocab], valid until the next call; empty when there is no such token.
  std::span<const std::uint8_t> choices(const tokens::TokenGrammar& grammar, const NextTokenRules& rules);
  bool allows(const tokens::TokenGrammar& grammar, const NextTokenRules& rules, TokenId token) const;

 private:
  bool passes(const NextTokenRules& rules, TokenId token) const;
  bool leads_to_bar(const tokens::TokenGrammar& grammar, TokenId token) const;

  const TokenFacts& facts_;
  std::vector<std::uint8_t> legal_;
};

}  // namespace continuo::generate
