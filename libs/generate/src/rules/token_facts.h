#pragma once

#include "continuo/tokens/tokenizer.h"

namespace continuo::generate {

// The traits of a tokenisation's tokens, and its plain bar line, looked up once. Immutable.
class TokenFacts {
 public:
  explicit TokenFacts(const tokens::Tokenizer& tokenizer);

  int vocab_size() const { return static_cast<int>(traits_.tokens.size()); }
  const tokens::TokenTraits& of(TokenId token) const { return traits_.of(token); }
  bool marks_bars() const { return marks_bars_; }
  // Whether decoded ticks count clock time, whatever the tempo of the piece; otherwise they count musical time.
  bool in_clock_time() const;
  tokens::TimeDomain time_domain() const { return traits_.time_domain; }

  bool begins_bar(TokenId token) const { return of(token).begins_bar(); }
  // The token that is a bar line and nothing else. Requires: marks_bars().
  TokenId bar_token() const { return bar_token_; }

 private:
  TokenId find_bar_token(const tokens::Tokenizer& tokenizer) const;

  tokens::TokenizerTraits traits_;
  bool marks_bars_;
  TokenId bar_token_ = 0;
};

}  // namespace continuo::generate
