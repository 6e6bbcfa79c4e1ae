#include "subword_decoder.h"

#include "../core/token_check.h"

namespace continuo::tokens {
namespace {

bool is_special(TokenId token) { return token >= 0 && token < kSpecialTokens; }

}  // namespace

std::size_t SubwordDecoder::expand(std::span<const TokenId> tokens) {
  base_words_.clear();
  base_words_.reserve(tokens.size() > 1 ? 4 * tokens.size() : 0);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const TokenId token = tokens[i];
    if (is_special(token)) continue;
    if (token < 0 || token >= lexicon_->size() || lexicon_->is_foreign(token)) return i;
    const std::span<const TokenId> words = lexicon_->base_words(token);
    if (words.empty() && after_mark_) return i;
    base_words_.insert(base_words_.end(), words.begin(), words.end());
    after_mark_ = words.empty();
    is_empty_ = false;
  }
  return tokens.size();
}

std::size_t SubwordDecoder::holder(std::span<const TokenId> tokens, std::size_t base_word) const {
  std::size_t words = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!is_special(tokens[i])) words += lexicon_->base_words(tokens[i]).size();
    if (words > base_word) return i;
  }
  return tokens.size();
}

Status SubwordDecoder::read(std::span<const TokenId> tokens, DecodedEvents* events) {
  const std::size_t base_before = base_->accepted(), before = accepted_;
  const std::size_t expanded = expand(tokens);
  if (!base_->read(base_words_, events).ok()) {
    const std::size_t fault = holder(tokens, base_->accepted() - base_before);
    accepted_ += fault;
    return misplaced_token(vocabulary_, tokens[fault], before + fault);
  }
  accepted_ += expanded;
  if (expanded == tokens.size()) return {};
  const TokenId token = tokens[expanded];
  if (token < 0 || token >= lexicon_->size()) return unknown_token(token, accepted_);
  return misplaced_token(vocabulary_, token, accepted_);
}

Result<score::Score> SubwordDecoder::end(DecodedEvents* events) {
  Result<score::Score> score = base_->end(events);
  // An incomplete sequence is counted in subwords.
  if (!score.ok() && score.error().code == ErrorCode::invalid_tokens) return incomplete_sequence(is_empty_, accepted_);
  return score;
}

}  // namespace continuo::tokens
