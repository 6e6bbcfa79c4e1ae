#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::generate {

// Bars as the tokens count them, from 0: [begin, end).
struct TokenBars {
  std::size_t begin = 0, end = 0;
};

// Where the bars of a token sequence begin, on its decoded score. Beyond its end, further bars are as long as the last.
class TokenBarLines {
 public:
  // Requires: `tokens` has at least one bar; `decoded` is its decoded score; `bar_token` is a bar line and nothing
  // else.
  TokenBarLines(const tokens::Tokenizer& tokenizer, TokenId bar_token, std::span<const TokenId> tokens,
                const score::Score& decoded);

  // Units: ticks of the decoded score.
  score::Ticks at(std::size_t bar) const;
  // The bars that make up [begin, end) of `primer`. A tokenisation may count bars differently from the score (it
  // encodes a rare meter by others), but it has to keep the time. Errors: unsupported (no bar line of the tokens is
  // there, or the tokenisation has shortened a long silence).
  Result<TokenBars> find(const score::Score& primer, score::Ticks begin, score::Ticks end) const;
  // The bars that hold all of [begin, end), and may hold more. Errors: unsupported (a long silence was shortened).
  Result<TokenBars> around(const score::Score& primer, score::Ticks begin, score::Ticks end) const;

 private:
  Result<std::size_t> find_line(double quarters) const;
  Status check_time(const score::Score& primer) const;

  std::vector<score::Ticks> lines_;
  score::Ticks last_length_;
  double ticks_per_quarter_;
  double last_onset_quarters_;
};

}  // namespace continuo::generate
