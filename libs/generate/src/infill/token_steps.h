#pragma once

#include <cstddef>

#include "continuo/base/result.h"
#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::generate {

// Tokens [begin, end) of a sequence.
struct TokenRange {
  std::size_t begin = 0, end = 0;
};

// Where in the music each token of a tokenisation is in which the number of the tokens before it decides that: steps of
// one length in musical time, of a fixed number of tokens each, one for each voice. Such a tokenisation needs no bar
// lines: the bars of a score fall on its steps.
class TokenSteps {
 public:
  static bool can_count(const tokens::Tokenizer& tokenizer);
  // Requires: can_count. `decoded`: any decoded score, whose tempo the steps are measured with.
  TokenSteps(const tokens::Tokenizer& tokenizer, const score::Score& decoded);

  // Where the step begins of which `token` is a part. Units: ticks of `decoded`.
  score::Ticks at(std::size_t token) const;
  // The tokens of [begin, end) of `primer`, which is encoded to `size` tokens; the range may end beyond them. Errors:
  // unsupported (one of both is not at the beginning of a step, or `begin` is beyond the tokens).
  Result<TokenRange> find(const score::Score& primer, score::Ticks begin, score::Ticks end, std::size_t size) const;

 private:
  Result<std::size_t> find_token(double quarters) const;

  std::size_t per_step_;      // tokens
  double quarters_per_step_;  // Units: quarters
  double ticks_per_quarter_;  // of `decoded`
};

}  // namespace continuo::generate
