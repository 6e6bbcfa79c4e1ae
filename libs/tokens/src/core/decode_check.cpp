#include "decode_check.h"

namespace continuo::tokens {

Result<std::vector<TokenId>> checked_tokens(const Tokenizer& tokenizer, std::span<const TokenId> tokens) {
  const std::unique_ptr<TokenGrammar> grammar = tokenizer.grammar();
  std::vector<TokenId> kept;
  kept.reserve(tokens.size());
  const int size = tokenizer.vocabulary().size();
  const auto refuse = [](const std::string& what, std::size_t index) {
    return Error{ErrorCode::invalid_tokens, what, "token " + std::to_string(index)};
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const TokenId token = tokens[i];
    if (token >= 0 && token < kSpecialTokens) continue;
    if (token < 0 || token >= size) return refuse("there is no word of id " + std::to_string(token), i);
    if (!grammar->accept_if_legal(token))
      return refuse("the word '" + tokenizer.vocabulary().word(token) + "' may not stand here", i);
    kept.push_back(token);
  }
  if (!grammar->can_end()) {
    return refuse(kept.empty() ? "there are no tokens" : "the sequence stops before its last note has ended",
                  tokens.size());
  }
  return kept;
}

}  // namespace continuo::tokens
