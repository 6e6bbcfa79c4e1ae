#include "token_facts.h"

#include <limits>

namespace continuo::generate {

TokenFacts::TokenFacts(const tokens::Tokenizer& tokenizer)
    : traits_(tokenizer.traits()), marks_bars_(traits_.marks_bars()) {
  if (marks_bars_) bar_token_ = find_bar_token(tokenizer);
}

bool TokenFacts::in_clock_time() const {
  switch (traits_.time_domain) {
    case tokens::TimeDomain::kClock:
      return true;
    case tokens::TimeDomain::kMusical:
      return false;
  }
  return false;
}

// A subword may begin a bar and continue to a position within it. The plain bar line is the one after which the least
// time has passed.
TokenId TokenFacts::find_bar_token(const tokens::Tokenizer& tokenizer) const {
  const auto meter = tokenizer.length_meter();
  TokenId best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (TokenId token = 0; token < vocab_size(); ++token) {
    const tokens::TokenTraits& traits = of(token);
    if (traits.bars != 1 || !traits.bar_comes_first || traits.part_of_note || traits.sets_timing) continue;
    meter->reset();
    meter->accept(token);
    if (meter->elapsed().value >= least) continue;
    best = token;
    least = meter->elapsed().value;
  }
  return best;
}

}  // namespace continuo::generate
