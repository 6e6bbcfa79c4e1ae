#include "next_token.h"

namespace continuo::generate {
namespace {

// No word of ours adds more than this to tokens_to_close(), so that far from the limit nothing need be asked.
constexpr int kCloseMargin = 16;

bool closes_in_time(const tokens::TokenGrammar& grammar, TokenId token, int left) {
  return token == tokens::kEos || grammar.tokens_to_close_after(token) < left;
}

}  // namespace

bool NextToken::passes(const NextTokenRules& rules, TokenId token) const {
  const auto at = std::size_t(token);
  if (token < tokens::kSpecialTokens) return token == tokens::kEos && rules.allow_end;
  if (rules.only == NextTokenRules::Only::kBars) return facts_.begins_bar[at] != 0;
  if (rules.only == NextTokenRules::Only::kAdvancing && !facts_.advances[at]) return false;
  return (rules.allow_bars || !facts_.begins_bar[at]) && (rules.allow_timing || !facts_.sets_timing[at]);
}

bool NextToken::allows(const tokens::TokenGrammar& grammar, const NextTokenRules& rules, TokenId token) const {
  return passes(rules, token) && grammar.is_legal(token) &&
         (rules.left == kUnlimited || closes_in_time(grammar, token, rules.left));
}

std::span<const std::uint8_t> NextToken::choices(const tokens::TokenGrammar& grammar, const NextTokenRules& rules) {
  grammar.legal_tokens(legal_);
  const bool near_limit = rules.left < kCloseMargin || rules.left - kCloseMargin < grammar.tokens_to_close();
  bool any = false;
  for (TokenId token = 0; token < facts_.vocab_size; ++token) {
    auto& flag = legal_[std::size_t(token)];
    if (!flag) continue;
    flag = passes(rules, token) && (!near_limit || closes_in_time(grammar, token, rules.left));
    any = any || flag;
  }
  return any ? std::span<const std::uint8_t>(legal_) : std::span<const std::uint8_t>();
}

}  // namespace continuo::generate
