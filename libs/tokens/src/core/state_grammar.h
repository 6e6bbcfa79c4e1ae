#pragma once

#include <memory>

#include "continuo/tokens/token_grammar.h"

namespace continuo::tokens {

// What grammars have in common that are a small State and rules about it: `Grammar` derives from this and adds which
// tokens are legal. `Base` is TokenGrammar or WordGrammar. A State is made without arguments and has
//   void accept(TokenId)         a token that is no word of the tokenisation changes nothing
//   int close_distance() const   the least number of tokens until the piece may end
template <typename Grammar, typename State, typename Base>
class StateGrammar : public Base {
 public:
  std::unique_ptr<TokenGrammar> clone() const final {
    return std::make_unique<Grammar>(static_cast<const Grammar&>(*this));
  }
  void reset() final { state_ = {}; }
  void accept(TokenId token) final { state_.accept(token); }
  bool can_end() const final { return state_.close_distance() == 0; }
  int tokens_to_close() const final { return state_.close_distance(); }
  int tokens_to_close_after(TokenId token) const final {
    State next = state_;
    next.accept(token);
    return next.close_distance();
  }

 protected:
  using Base::Base;
  State state_;
};

}  // namespace continuo::tokens
