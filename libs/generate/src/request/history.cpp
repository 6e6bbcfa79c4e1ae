#include "history.h"

#include <optional>
#include <string>

#include "../length/length_goal.h"
#include "../rules/closing.h"

namespace continuo::generate {

History::History(const tokens::Tokenizer& tokenizer, const TokenFacts& facts)
    : tokenizer_(tokenizer),
      facts_(facts),
      grammar_(tokenizer.grammar()),
      meter_(tokenizer.length_meter()),
      places_{place()} {}

double History::seconds_after(TokenId token) const {
  const auto meter = meter_->clone();
  meter->accept(token);
  return meter->elapsed().value;
}

void History::push(TokenId token) {
  could_end_.push_back(grammar_->can_end());
  steps_.push_back(meter_->position().step);
  grammar_->accept(token);
  meter_->accept(token);
  tokens_.push_back(token);
  places_.push_back(place());
}

Status History::append(std::span<const TokenId> tokens) {
  for (const TokenId token : tokens) {
    if (!grammar_->is_legal(token))
      return Error{ErrorCode::invalid_tokens,
                   "the token " + tokenizer_.vocabulary().word(token) + " is not allowed here",
                   "token " + std::to_string(size())};
    push(token);
  }
  return {};
}

void History::wait_until(double seconds) {
  for (;;) {
    std::optional<TokenId> best;
    double best_seconds = this->seconds();
    for (TokenId token = 0; token < facts_.vocab_size(); ++token) {
      const tokens::TokenTraits& traits = facts_.of(token);
      const bool only_waits = traits.advances_time && !traits.part_of_note && !traits.sets_timing;
      if (!only_waits || !grammar_->is_legal(token)) continue;
      const double reached = seconds_after(token);
      if (reached <= best_seconds || reached > seconds + kTimeTolerance) continue;
      best = token;
      best_seconds = reached;
    }
    if (!best) return;
    push(*best);
  }
}

Status History::close() {
  const auto grammar = grammar_->clone();
  NextToken next(facts_);
  std::vector<TokenId> closing;
  close_piece(*grammar, next, closing);
  return append(closing);
}

void History::limit_grammar(const Limits& limits) {
  grammar_->limit_notes(limits.note);
  grammar_->limit_silence(limits.silence);
}

void History::limit(const Limits& limits) {
  limits_ = limits;
  limited_from_ = size();
  limit_grammar(limits);
}

void History::truncate(std::size_t size) {
  const std::vector<TokenId> kept(tokens_.begin(), tokens_.begin() + std::ptrdiff_t(size));
  limit_grammar({});
  tokens_.clear();
  places_.resize(1);
  could_end_.clear();
  steps_.clear();
  grammar_->reset();
  meter_->reset();
  for (const TokenId token : kept) {
    if (this->size() == limited_from_) limit_grammar(limits_);
    push(token);
  }
  if (this->size() == limited_from_) limit_grammar(limits_);
}

std::size_t History::context_start(std::size_t room) const {
  if (size() <= room) return 0;
  const std::size_t first = size() - room, last = size() - room / 2;
  if (facts_.marks_bars())
    for (std::size_t i = first; i < last; ++i)
      if (facts_.begins_bar(tokens_[i])) return i;
  for (std::size_t i = first; i < last; ++i)
    if (could_end_[i]) return i;
  return first;
}

void History::release_notes_outside(std::size_t limit) {
  const std::size_t start = context_start(limit - 1);
  if (start > 0) grammar_->release_notes_struck_before(steps_[start]);
}

Context History::context(std::size_t limit) const {
  const auto start = std::ptrdiff_t(context_start(limit - 1));
  Context context{{tokens::kBos}, {places_.begin() + start, places_.end()}};
  context.tokens.insert(context.tokens.end(), tokens_.begin() + start, tokens_.end());
  return context;
}

}  // namespace continuo::generate
