#include "continuation.h"

#include <algorithm>
#include <optional>

#include "continuo/base/rng.h"

#include "closing.h"

namespace continuo::generate {
namespace {

constexpr std::size_t kReportEvery = 32;  // tokens

class CausalWriter {
 public:
  CausalWriter(const Writing& writing, History& history)
      : w_(writing),
        history_(history),
        first_(history.size()),
        first_bar_(history.bars()),
        session_(writing.composer.model->new_session(writing.threads)),
        next_(writing.facts),
        sampler_(writing.options.sampler),
        rng_(writing.options.seed) {}

  Status write();

 private:
  std::size_t drawn() const { return history_.size() - first_; }
  std::size_t bars() const { return history_.bars() - first_bar_; }
  bool reached() const;
  std::optional<NextTokenRules> rules() const;
  NextTokenRules bar_limit_rules(NextTokenRules rules) const;
  bool ends_piece(TokenId token) const;
  std::span<const float> open();
  std::span<const float> feed(TokenId token);
  void report() const;

  const Writing& w_;
  History& history_;
  std::size_t first_, first_bar_;
  std::unique_ptr<engine::Session> session_;
  NextToken next_;
  sampling::Sampler sampler_;
  Rng rng_;
  std::size_t tokens_in_bar_ = 0;
};

bool CausalWriter::reached() const {
  if (drawn() >= w_.goal.max_tokens) return true;
  return w_.goal.seconds && history_.seconds() >= w_.start_seconds + *w_.goal.seconds - kTimeTolerance;
}

// The bar has had its share: close what is open, then go on to the next.
NextTokenRules CausalWriter::bar_limit_rules(NextTokenRules rules) const {
  if (history_.grammar().can_end()) {
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
  rules.allow_end = w_.options.stop_at_end && drawn() > 0;
  if (w_.goal.tokens) {
    rules.left = int(*w_.goal.tokens - std::min(*w_.goal.tokens, drawn()));
    if (rules.left == 0) return std::nullopt;
  } else if (reached()) {
    if (grammar.can_end()) return std::nullopt;
    rules.left = grammar.tokens_to_close();
    return rules;
  }
  if (w_.facts.marks_bars) {
    if (drawn() == 0) rules.only = NextTokenRules::Only::kBars;
    if (tokens_in_bar_ >= kMaxTokensPerBar) return bar_limit_rules(rules);
  }
  return rules;
}

bool CausalWriter::ends_piece(TokenId token) const {
  if (token == tokens::kEos) return true;
  return w_.goal.bars && bars() == *w_.goal.bars && w_.facts.is_bar(token);
}

std::span<const float> CausalWriter::open() {
  const auto& config = w_.composer.model->config();
  const bool endless = config.family == checkpoint::Family::kLstm;
  const auto context = std::size_t(config.context_length);
  return session_->prefill(
      history_.context(endless ? history_.size() + 1 : std::max<std::size_t>(2, context - context / 4)));
}

std::span<const float> CausalWriter::feed(TokenId token) {
  if (!session_->full()) return session_->step(token);
  session_->reset();
  const auto context = std::size_t(w_.composer.model->config().context_length);
  return session_->prefill(history_.context(std::max<std::size_t>(2, context / 2)));
}

void CausalWriter::report() const {
  const std::string note = std::to_string(drawn()) + " tokens";
  if (w_.goal.bars) return w_.progress.update(bars(), *w_.goal.bars, note);
  if (w_.goal.tokens) return w_.progress.update(drawn(), *w_.goal.tokens, note);
  const double seconds = std::clamp(history_.seconds() - w_.start_seconds, 0.0, *w_.goal.seconds);
  w_.progress.update(std::uint64_t(seconds * 10), std::uint64_t(*w_.goal.seconds * 10), note);
}

Status CausalWriter::write() {
  if (!w_.facts.marks_bars) history_.wait_until(w_.start_seconds);
  std::span<const float> logits = open();
  while (const auto demands = rules()) {
    if (w_.progress.stop_requested()) return interrupted();
    const auto legal = next_.choices(history_.grammar(), *demands);
    if (legal.empty()) break;
    const TokenId token = sampler_.sample(logits, legal, rng_);
    if (ends_piece(token)) break;
    history_.push(token);
    tokens_in_bar_ = w_.facts.is_bar(token) ? 0 : tokens_in_bar_ + 1;
    if (drawn() % kReportEvery == 0) report();
    logits = feed(token);
  }
  report();
  return {};
}

}  // namespace

Status write_causal(const Writing& writing, History& history) {
  CONTINUO_TRY(CausalWriter(writing, history).write());
  std::vector<TokenId> closing;
  const auto grammar = history.grammar().clone();
  NextToken next(writing.facts);
  close_piece(*grammar, next, closing);
  return history.append(closing);
}

}  // namespace continuo::generate
