#pragma once

#include <span>
#include <vector>

#include "continuo/tokens/tokenizer.h"

#include "infill.h"

namespace continuo::generate {

// Where the bars of a token sequence begin, on its decoded score. Beyond its end, bars go on as the last one.
class TokenBarLines {
 public:
  // Requires: `tokens` has a bar at least; `decoded` is what it decodes to.
  // `bar_token` is a bar line and nothing else.
  TokenBarLines(const tokens::Tokenizer& tokenizer, TokenId bar_token, std::span<const TokenId> tokens,
                const score::Score& decoded);

  // Units: ticks of the decoded score.
  score::Ticks at(std::size_t bar) const;
  // The bars that make up [begin, end) of `primer`. A tokenisation may count its bars differently from the score (a
  // rare meter encoded by others) but not lose time. Errors: unsupported, where it did.
  Result<TokenBars> find(const score::Score& primer, score::Ticks begin, score::Ticks end) const;

 private:
  Result<std::size_t> find_line(double quarters) const;

  std::vector<score::Ticks> lines_;
  score::Ticks last_length_;
  double ticks_per_quarter_;
  double last_onset_quarters_;
};

}  // namespace continuo::generate
