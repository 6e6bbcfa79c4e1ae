#include "token_facts.h"

#include <algorithm>

namespace continuo::generate {

TokenFacts::TokenFacts(const tokens::Tokenizer& tokenizer) : vocab_size(tokenizer.vocabulary().size()) {
  const auto size = std::size_t(vocab_size);
  begins_bar.assign(size, 0);
  advances.assign(size, 0);
  sets_timing.assign(size, 0);
  const auto meter = tokenizer.length_meter();
  for (TokenId token = tokens::kSpecialTokens; token < vocab_size; ++token) {
    const auto at = std::size_t(token);
    meter->reset();
    meter->accept(token);
    begins_bar[at] = meter->bars_begun() > 0;
    const std::string& word = tokenizer.vocabulary().word(token);
    sets_timing[at] = word.starts_with("TimeSig") || word.starts_with("Tempo");
    // Twice, since the first bar begins at time 0.
    meter->accept(token);
    advances[at] = !sets_timing[at] && meter->elapsed() > score::Seconds(0);
    marks_bars = marks_bars || begins_bar[at];
  }
  clock_time = tokenizer.name() == "performance";
}

TokenId TokenFacts::bar_token() const {
  return TokenId(std::find(begins_bar.begin(), begins_bar.end(), 1) - begins_bar.begin());
}

}  // namespace continuo::generate
