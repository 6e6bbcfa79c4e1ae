#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "continuo/tokens/token_grammar.h"

#include "token_facts.h"

namespace continuo::generate {

inline constexpr int kUnlimited = std::numeric_limits<int>::max();

// What is required of the next token, beyond the grammar.
struct NextTokenRules {
  // kBars: a bar line, or, where the tokenisation requires tokens before a bar line, one of these.
  enum class Only { kAny, kBars };
  Only only = Only::kAny;
  bool allow_bars = true;
  bool allow_timing = true;  // tokens that set meter or tempo
  bool allow_end = false;    // EOS, where the grammar allows it
  int left = kUnlimited;     // tokens, this one included, within which the piece has to be able to end
};

// The tokens that grammar and rules allow next. Keeps scratch memory; not thread-safe.
class NextToken {
 public:
  explicit NextToken(const TokenFacts& facts) : facts_(facts), legal_(std::size_t(facts.vocab_size())) {}

  // Shape: returns [vocab], valid until the next call; empty when there is no such token.
  std::span<const std::uint8_t> choices(const tokens::TokenGrammar& grammar, const NextTokenRules& rules);
  // Those of this kind of touch that the grammar allows.
  std::span<const std::uint8_t> choices_of(const tokens::TokenGrammar& grammar, tokens::Touch touch);
  // What `limit` leaves of those that the grammar allows.
  using Limit = std::function<void(std::span<std::uint8_t> legal)>;
  std::span<const std::uint8_t> choices_within(const tokens::TokenGrammar& grammar, const Limit& limit);
  // Takes out of the last choices() the tokens that set only a meter or a tempo and are far less likely than the
  // likeliest of these: what the training data hardly ever has is not to be drawn by chance. Shape: logits [vocab].
  void leave_out_rare_timing(std::span<const float> logits);
  // Takes a token out of the last choices(), unless it is the only one.
  void leave_out(TokenId token);
  bool allows(const tokens::TokenGrammar& grammar, const NextTokenRules& rules, TokenId token) const;

 private:
  bool passes(const NextTokenRules& rules, TokenId token) const;
  bool leads_to_bar(const tokens::TokenGrammar& grammar, TokenId token) const;

  const TokenFacts& facts_;
  std::vector<std::uint8_t> legal_;
};

}  // namespace continuo::generate
