#include "plain_tokenizer.h"

#include "../core/decode_check.h"

namespace continuo::tokens {

Result<std::vector<TokenId>> PlainTokenizer::encode(const score::Score& score) const {
  CONTINUO_ASSIGN(const std::vector<GridNote> notes, grid_notes(score));
  return spell(notes);
}

Result<score::Score> PlainTokenizer::decode(std::span<const TokenId> tokens) const {
  CONTINUO_ASSIGN(const std::vector<TokenId> checked, checked_tokens(*this, tokens));
  return to_score(read(checked));
}

Result<score::Score> PlainTokenizer::quantise(const score::Score& score) const {
  CONTINUO_ASSIGN(const std::vector<GridNote> notes, grid_notes(score));
  return to_score(notes);
}

}  // namespace continuo::tokens
