#include "next_token.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace continuo::generate {
namespace {

// No token of any tokenisation adds more than this to tokens_to_close(). Farther from the limit, every token closes in
// time, and the check, which is slow for a whole vocabulary, is skipped.
constexpr int kCloseMargin = 16;
// Of the probability of the likeliest meter or tempo.
constexpr float kRareTiming = 0.05f;

bool closes_in_time(const tokens::TokenGrammar& grammar, TokenId token, int left) {
  return token == tokens::kEos || grammar.tokens_to_close_after(token) < left;
}

}  // namespace

bool NextToken::passes(const NextTokenRules& rules, TokenId token) const {
  if (token < tokens::kSpecialTokens) return token == tokens::kEos && rules.allow_end;
  const tokens::TokenTraits& traits = facts_.of(token);
  switch (rules.only) {
    case NextTokenRules::Only::kBars:
      return traits.bar_comes_first;
    case NextTokenRules::Only::kAny:
      break;
  }
  return (rules.allow_bars || !traits.begins_bar()) && (rules.allow_timing || !traits.sets_timing);
}

// Requires: `token` is legal.
bool NextToken::leads_to_bar(const tokens::TokenGrammar& grammar, TokenId token) const {
  const tokens::TokenTraits& traits = facts_.of(token);
  if (token < tokens::kSpecialTokens || traits.part_of_note || traits.advances_time || traits.sets_timing) return false;
  const auto next = grammar.clone();
  next->accept(token);
  return next->is_legal(facts_.bar_token());
}

void NextToken::leave_out_rare_timing(std::span<const float> logits) {
  float best = -std::numeric_limits<float>::infinity();
  const auto is_timing = [&](std::size_t token) {
    const tokens::TokenTraits& traits = facts_.of(TokenId(token));
    return legal_[token] != 0 && traits.sets_timing && !traits.begins_bar() && !traits.part_of_note;
  };
  for (std::size_t token = 0; token < legal_.size(); ++token)
    if (is_timing(token)) best = std::max(best, logits[token]);
  const float least = best + std::log(kRareTiming);
  for (std::size_t token = 0; token < legal_.size(); ++token)
    if (is_timing(token) && logits[token] < least) legal_[token] = 0;
}

std::span<const std::uint8_t> NextToken::choices_of(const tokens::TokenGrammar& grammar, tokens::Touch touch) {
  return choices_within(grammar, [&](std::span<std::uint8_t> legal) {
    for (TokenId token = 0; token < facts_.vocab_size(); ++token)
      legal[std::size_t(token)] &= std::uint8_t(facts_.of(token).touch == touch);
  });
}

std::span<const std::uint8_t> NextToken::choices_within(const tokens::TokenGrammar& grammar, const Limit& limit) {
  grammar.legal_tokens(legal_);
  limit(legal_);
  const bool any = std::ranges::any_of(legal_, [](std::uint8_t legal) { return legal != 0; });
  return any ? std::span<const std::uint8_t>(legal_) : std::span<const std::uint8_t>();
}

void NextToken::leave_out(TokenId token) {
  if (std::ranges::count_if(legal_, [](std::uint8_t legal) { return legal != 0; }) > 1) legal_[std::size_t(token)] = 0;
}

bool NextToken::allows(const tokens::TokenGrammar& grammar, const NextTokenRules& rules, TokenId token) const {
  return passes(rules, token) && grammar.is_legal(token) &&
         (rules.left == kUnlimited || closes_in_time(grammar, token, rules.left));
}

std::span<const std::uint8_t> NextToken::choices(const tokens::TokenGrammar& grammar, const NextTokenRules& rules) {
  grammar.legal_tokens(legal_);
  const bool near_limit = rules.left < kCloseMargin || rules.left - kCloseMargin < grammar.tokens_to_close();
  const auto keep = [&](const auto& passes) {
    bool any = false;
    for (TokenId token = 0; token < facts_.vocab_size(); ++token) {
      auto& flag = legal_[static_cast<std::size_t>(token)];
      if (!flag) continue;
      flag = passes(token) && (!near_limit || closes_in_time(grammar, token, rules.left));
      any = any || flag;
    }
    return any;
  };
  bool any = keep([&](TokenId token) { return passes(rules, token); });
  if (!any && rules.only == NextTokenRules::Only::kBars && facts_.marks_bars()) {
    grammar.legal_tokens(legal_);
    any = keep([&](TokenId token) { return leads_to_bar(grammar, token); });
  }
  return any ? std::span<const std::uint8_t>(legal_) : std::span<const std::uint8_t>();
}

}  // namespace continuo::generate
