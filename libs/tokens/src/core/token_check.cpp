#include "token_check.h"

namespace continuo::tokens {
namespace {

Error invalid(std::string what, std::size_t index) {
  return {ErrorCode::invalid_tokens, std::move(what), "token " + std::to_string(index)};
}

}  // namespace

Error unknown_token(TokenId token, std::size_t index) {
  return invalid("there is no word of id " + std::to_string(token), index);
}

Error misplaced_token(const Vocabulary& vocabulary, TokenId token, std::size_t index) {
  return invalid("the word '" + vocabulary.word(token) + "' is not allowed here", index);
}

Error incomplete_sequence(bool is_empty, std::size_t length) {
  return invalid(is_empty ? "there are no tokens" : "the sequence stops before its last note has ended", length);
}

Status TokenCheck::accept(std::span<const TokenId> tokens, std::vector<TokenId>& kept) {
  kept.clear();
  kept.reserve(tokens.size());
  const int size = vocabulary_.size();
  for (const TokenId token : tokens) {
    if (token < 0 || token >= size) return unknown_token(token, accepted_);
    if (token >= kSpecialTokens) {
      if (!grammar_->accept_if_legal(token)) return misplaced_token(vocabulary_, token, accepted_);
      kept.push_back(token);
    }
    ++accepted_;
  }
  is_empty_ &= kept.empty();
  return {};
}

Status TokenCheck::finish() const {
  if (grammar_->can_end()) return {};
  return incomplete_sequence(is_empty_, accepted_);
}

}  // namespace continuo::tokens
