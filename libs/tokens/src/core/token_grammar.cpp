#include "continuo/tokens/token_grammar.h"

#include "continuo/tokens/vocabulary.h"

namespace continuo::tokens {

int TokenGrammar::tokens_to_close_after(TokenId token) const {
  const std::unique_ptr<TokenGrammar> next = clone();
  next->accept(token);
  return next->tokens_to_close();
}

bool TokenGrammar::accept_if_legal(TokenId token) {
  if (!is_legal(token)) return false;
  accept(token);
  return true;
}

std::ptrdiff_t first_violation(TokenGrammar& grammar, std::span<const TokenId> tokens) {
  grammar.reset();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i == 0 && tokens[i] == kBos) continue;
    if (!grammar.accept_if_legal(tokens[i])) return std::ptrdiff_t(i);
    if (tokens[i] == kEos) return i + 1 == tokens.size() ? -1 : std::ptrdiff_t(i + 1);
  }
  return grammar.can_end() ? -1 : std::ptrdiff_t(tokens.size());
}

}  // namespace continuo::tokens
