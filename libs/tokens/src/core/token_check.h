#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// The errors of decoding. Index: of the token in its sequence.
Error unknown_token(TokenId token, std::size_t index);
Error misplaced_token(const Vocabulary& vocabulary, TokenId token, std::size_t index);
Error incomplete_sequence(bool is_empty, std::size_t length);

// Checks a token sequence against its tokenisation's grammar, in as many parts as the caller likes. The tokenizer must
// outlive it.
class TokenCheck {
 public:
  explicit TokenCheck(const Tokenizer& tokenizer)
      : vocabulary_(tokenizer.vocabulary()), grammar_(tokenizer.grammar()) {}
  // The next tokens: writes those that are not special to `kept`. Errors: invalid_tokens, naming the index in the whole
  // sequence and the word.
  Status accept(std::span<const TokenId> tokens, std::vector<TokenId>& kept);
  // Tokens before the first that was not allowed.
  std::size_t accepted() const { return accepted_; }
  // Errors: invalid_tokens, when what has come is no whole piece.
  Status finish() const;

 private:
  const Vocabulary& vocabulary_;
  std::unique_ptr<TokenGrammar> grammar_;
  std::size_t accepted_ = 0;
  bool is_empty_ = true;  // nothing but special tokens so far
};

}  // namespace continuo::tokens
