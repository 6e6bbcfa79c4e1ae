#include "decode_check.h"

namespace continuo::tokens {

Result<std::vector<TokenId>> checked_tokens(const Tokenizer& tokenizer, std::span<const TokenId> tokens) {
  const std::unique_ptr<TokenGrammar> grammar = tokenizer.grammar();
  std::vector<TokenId> kept;
  kept.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const TokenId token = tokens[i];
    if (token >= 0 && token < kSpecialTokens) continue;
    const std::string where = "token " + std::to_string(i);
    if (token < 0 || token >= tokenizer.vocabulary().size())
      return Error{ErrorCode::invalid_tokens, "there is no word of id " + std::to_string(token), where};
    if (!grammar->is_legal(token)) {
      return Error{ErrorCode::invalid_tokens,
                   "the word '" + tokenizer.vocabulary().word(token) + "' may not stand here", where};
    }
    grammar->accept(token);
    kept.push_back(token);
  }
  if (!grammar->can_end()) {
    return Error{ErrorCode::invalid_tokens,
                 kept.empty() ? "there are no tokens" : "the sequence stops before its last note has ended",
                 "token " + std::to_string(tokens.size())};
  }
  return kept;
}

}  // namespace continuo::tokens
