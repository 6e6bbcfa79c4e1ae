#include "causal_writer.h"

#include <algorithm>
#include <string>

namespace continuo::generate {
namespace {

constexpr std::size_t kReportEvery = 32;  // tokens

}  // namespace

CausalWriter::CausalWriter(const Request& request, History& history, std::uint64_t seed)
    : request_(request),
      history_(history),
      first_(history.size()),
      first_bar_(history.size() == 0 ? 0 : history.bars()),
      next_(request.facts),
      sampler_(request.options.sampler),
      bar_loop_(request.facts),
      note_loop_(request.facts),
      rng_(seed) {
  history_.limit(request.limits);
}

// For a bar that is at its limit: first closes what is open, then begins the next bar.
NextTokenRules CausalWriter::bar_limit_rules(NextTokenRules rules) const {
  if (history_.grammar().can_end() || leading_to_bar_) {
    rules.only = NextTokenRules::Only::kBars;
  } else {
    rules.allow_bars = false;
    rules.left = history_.grammar().tokens_to_close();
  }
  return rules;
}

// Nothing: the piece ends here.
std::optional<NextTokenRules> CausalWriter::rules() const {
  const auto& grammar = history_.grammar();
  NextTokenRules rules;
  rules.allow_end = request_.options.stop_at_end && drawn() > 0;
  if (request_.goal.tokens) {
    rules.left = int(*request_.goal.tokens - std::min(*request_.goal.tokens, drawn()));
    if (rules.left == 0) return std::nullopt;
  } else if (request_.is_reached(drawn(), history_.seconds())) {
    if (grammar.can_end()) return std::nullopt;
    rules.left = grammar.tokens_to_close();
    return rules;
  }
  if (request_.facts.marks_bars()) {
    if (bars() == 0) rules.only = NextTokenRules::Only::kBars;
    if (tokens_in_bar_ >= kMaxTokensPerBar) return bar_limit_rules(rules);
  }
  return rules;
}

// A subword may begin several bars. One that would exceed the last bar is replaced by a plain bar line.
TokenId CausalWriter::within_goal(TokenId token) const {
  const std::size_t begun = request_.facts.of(token).bars;
  const bool passes =
      request_.goal.bars && begun > 1 && bars() < *request_.goal.bars && bars() + begun > *request_.goal.bars;
  return passes && history_.grammar().is_legal(request_.facts.bar_token()) ? request_.facts.bar_token() : token;
}

bool CausalWriter::ends_piece(TokenId token) const {
  if (token == tokens::kEos) return true;
  return request_.goal.bars && bars() == *request_.goal.bars && request_.facts.begins_bar(token);
}

Status CausalWriter::open() {
  const auto& config = request_.composer.model->config();
  const auto context = std::size_t(config.context_length);
  session_ = engine::Session::start(request_.composer.model, request_.threads);
  if (!session_)
    return Error{ErrorCode::unsupported,
                 "a " + config.preset + " model is not causal: it cannot continue token by token"};
  read(config.is_limited_to_context() ? std::max<std::size_t>(2, context - context / 4) : history_.size() + 1);
  return {};
}

void CausalWriter::read(std::size_t limit) {
  const Context context = history_.context(limit);
  logits_ = session_->prefill({context.tokens, context.places});
}

void CausalWriter::open_like(const CausalWriter& other) {
  session_ = other.session_->fork();
  logits_ = other.logits_;
}

void CausalWriter::reread() {
  session_->reset();
  const auto context = std::size_t(request_.composer.model->config().context_length);
  const std::size_t kept = std::max<std::size_t>(2, context / 2);
  history_.release_notes_outside(kept);
  read(kept);
}

void CausalWriter::report() const {
  const std::string note = std::to_string(drawn()) + " tokens";
  if (request_.goal.bars) return request_.progress.update(bars(), *request_.goal.bars, note);
  if (request_.goal.tokens) return request_.progress.update(drawn(), *request_.goal.tokens, note);
  const double seconds = std::clamp(history_.seconds() - request_.start_seconds, 0.0, *request_.goal.seconds);
  request_.progress.update(std::uint64_t(seconds * 10), std::uint64_t(*request_.goal.seconds * 10), note);
}

std::optional<TokenId> CausalWriter::choose() {
  const auto rules = this->rules();
  if (!rules) return std::nullopt;
  const auto legal = next_.choices(history_.grammar(), *rules);
  if (legal.empty()) return std::nullopt;
  next_.leave_out_rare_timing(logits_);
  if (const auto avoided = bar_loop_.avoided()) next_.leave_out(*avoided);
  if (const auto avoided = note_loop_.avoided()) next_.leave_out(*avoided);
  const TokenId token = within_goal(sampler_.sample(logits_, legal, rng_));
  history_.likelihood().add(sampling::log_likelihood(logits_, token));
  if (ends_piece(token)) {
    if (request_.goal.bars && token != tokens::kEos)
      history_.end_at(history_.seconds_after(request_.facts.bar_token()));
    return std::nullopt;
  }
  history_.push(token);
  bar_loop_.push(token, history_.position());
  note_loop_.push(token, history_.seconds());
  leading_to_bar_ = rules->only == NextTokenRules::Only::kBars && !request_.facts.begins_bar(token);
  tokens_in_bar_ = request_.facts.begins_bar(token) ? 0 : tokens_in_bar_ + 1;
  if (drawn() % kReportEvery == 0) report();
  return token;
}

void CausalWriter::read_last() {
  if (session_->full()) return reread();
  logits_ = session_->step(history_.tokens().back(), place());
}

Status CausalWriter::give(TokenId token) { return history_.append({&token, 1}); }

Result<TokenId> CausalWriter::choose_touch(tokens::Touch touch) {
  return draw(next_.choices_of(history_.grammar(), touch), "no loudness or timing of a note can come here");
}

Result<TokenId> CausalWriter::choose_within(const NextToken::Limit& limit) {
  return draw(next_.choices_within(history_.grammar(), limit), "no event of the piece can come here");
}

Result<TokenId> CausalWriter::draw(std::span<const std::uint8_t> legal, const char* problem) {
  if (legal.empty()) return Error{ErrorCode::invalid_tokens, problem};
  const TokenId token = sampler_.sample(logits_, legal, rng_);
  history_.likelihood().add(sampling::log_likelihood(logits_, token));
  history_.push(token);
  return token;
}

}  // namespace continuo::generate
