#include "closing.h"

#include <algorithm>

namespace continuo::generate {

void close_piece(tokens::TokenGrammar& grammar, NextToken& next, std::vector<TokenId>& sequence) {
  while (!grammar.can_end()) {
    const auto legal = next.choices(grammar, {.left = grammar.tokens_to_close()});
    if (legal.empty()) return;
    const auto token = TokenId(std::find(legal.begin(), legal.end(), 1) - legal.begin());
    grammar.accept(token);
    sequence.push_back(token);
  }
}

}  // namespace continuo::generate
