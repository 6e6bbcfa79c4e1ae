#include "continuation.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "continuo/base/rng.h"

#include "closing.h"

namespace continuo::generate {
namespace {

constexpr std::size_t kReportEvery = 32;  // tokens

class CausalWriter {
 public:
  CausalWriter(const Request& request, History& history, std::uint64_t seed)
      : request_(request),
        history_(history),
        first_(history.size()),
        first_bar_(history.size() == 0 ? 0 : history.bars()),
        next_(request.facts),
        sampler_(request.options.sampler),
        rng_(seed) {}

  // Reads what is there before the first token: by itself, or as another writer of the same piece has read it.
  // Errors: unsupported (the model is not causal).
  Status open();
  void open_like(const CausalWriter& other);
  // Draws the next token and writes it down. Nothing: the piece ends here.
  std::optional<TokenId> choose();
  // The token that choose() gave has to go through the network: in a session with room for it, or, when the context is
  // full, by reading the latest part of the piece again.
  engine::Session* session() { return session_.get(); }
  void take_logits(std::span<const float> logits) { logits_ = logits; }
  void read_again();
  void report() const;

 private:
  std::size_t drawn() const { return history_.size() - first_; }
  std::size_t bars() const { return history_.bars() - first_bar_; }
  bool reached() const;
  std::optional<NextTokenRules> rules() const;
  NextTokenRules bar_limit_rules(NextTokenRules rules) const;
  TokenId within_goal(TokenId token) const;
  bool ends_piece(TokenId token) const;

  const Request& request_;
  History& history_;
  std::size_t first_, first_bar_;
  std::unique_ptr<engine::Session> session_;
  std::span<const float> logits_;
  NextToken next_;
  sampling::Sampler sampler_;
  Rng rng_;
  std::size_t tokens_in_bar_ = 0;
  bool heads_for_bar_ = false;  // the tokens that lead to a bar line have begun
};

bool CausalWriter::reached() const {
  if (drawn() >= request_.goal.max_tokens) return true;
  return request_.goal.seconds &&
         history_.seconds() >= request_.start_seconds + *request_.goal.seconds - kTimeTolerance;
}

// The bar has had its share: close what is open, then go on to the next.
NextTokenRules CausalWriter::bar_limit_rules(NextTokenRules rules) const {
  if (history_.grammar().can_end() || heads_for_bar_) {
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
  } else if (reached()) {
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

// A subword may begin several bars. One that would pass over the last bar becomes a plain bar line.
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
  const bool endless = config.family == checkpoint::Family::kRecurrent;
  const auto context = std::size_t(config.context_length);
  session_ = engine::Session::start(request_.composer.model, request_.threads);
  if (!session_)
    return Error{ErrorCode::unsupported,
                 "a " + config.preset + " model is not causal: it writes no token after another"};
  logits_ = session_->prefill(
      history_.context(endless ? history_.size() + 1 : std::max<std::size_t>(2, context - context / 4)));
  return {};
}

void CausalWriter::open_like(const CausalWriter& other) {
  session_ = other.session_->fork();
  logits_ = other.logits_;
}

void CausalWriter::read_again() {
  session_->reset();
  const auto context = std::size_t(request_.composer.model->config().context_length);
  logits_ = session_->prefill(history_.context(std::max<std::size_t>(2, context / 2)));
}

void CausalWriter::report() const {
  const std::string note = std::to_string(drawn()) + " tokens";
  if (request_.goal.bars) return request_.progress.update(bars(), *request_.goal.bars, note);
  if (request_.goal.tokens) return request_.progress.update(drawn(), *request_.goal.tokens, note);
  const double seconds = std::clamp(history_.seconds() - request_.start_seconds, 0.0, *request_.goal.seconds);
  request_.progress.update(std::uint64_t(seconds * 10), std::uint64_t(*request_.goal.seconds * 10), note);
}

std::optional<TokenId> CausalWriter::choose() {
  const auto demands = rules();
  if (!demands) return std::nullopt;
  const auto legal = next_.choices(history_.grammar(), *demands);
  if (legal.empty()) return std::nullopt;
  const TokenId token = within_goal(sampler_.sample(logits_, legal, rng_));
  if (ends_piece(token)) {
    if (request_.goal.bars && token != tokens::kEos)
      history_.end_at(history_.seconds_after(request_.facts.bar_token()));
    return std::nullopt;
  }
  history_.push(token);
  heads_for_bar_ = demands->only == NextTokenRules::Only::kBars && !request_.facts.begins_bar(token);
  tokens_in_bar_ = request_.facts.begins_bar(token) ? 0 : tokens_in_bar_ + 1;
  if (drawn() % kReportEvery == 0) report();
  return token;
}

// Writers whose pieces go on, in step with one another.
class WriterBatch {
 public:
  WriterBatch(const Request& request, std::vector<CausalWriter>& writers)
      : ensemble_(writers.size() > 1
                      ? engine::Ensemble::of(request.composer.model, static_cast<int>(writers.size()), request.threads)
                      : nullptr),
        vocab_(std::size_t(request.composer.model->config().vocab_size)) {
    for (CausalWriter& writer : writers) active_.push_back(&writer);
  }

  // Each writes a token. False when all pieces have ended.
  bool advance() {
    fed_.clear();
    sessions_.clear();
    tokens_.clear();
    for (CausalWriter* writer : std::exchange(active_, {})) {
      if (write_token(*writer)) active_.push_back(writer);
    }
    feed();
    return !active_.empty();
  }

 private:
  // False when the piece has ended.
  bool write_token(CausalWriter& writer) {
    const auto token = writer.choose();
    if (!token) {
      writer.report();
    } else if (writer.session()->full()) {
      writer.read_again();
    } else {
      fed_.push_back(&writer);
      sessions_.push_back(writer.session());
      tokens_.push_back(*token);
    }
    return token.has_value();
  }

  void feed() {
    if (fed_.size() == 1) return fed_[0]->take_logits(sessions_[0]->step(tokens_[0]));
    if (fed_.empty()) return;
    const auto logits = ensemble_->step(sessions_, tokens_);
    for (std::size_t i = 0; i < fed_.size(); ++i) fed_[i]->take_logits(logits.subspan(i * vocab_, vocab_));
  }

  std::unique_ptr<engine::Ensemble> ensemble_;
  std::size_t vocab_;
  std::vector<CausalWriter*> active_, fed_;
  std::vector<engine::Session*> sessions_;
  std::vector<TokenId> tokens_;
};

Status close(const Request& request, History& history) {
  std::vector<TokenId> closing;
  const auto grammar = history.grammar().clone();
  NextToken next(request.facts);
  close_piece(*grammar, next, closing);
  return history.append(closing);
}

}  // namespace

Status write_causal(const Request& request, std::span<History> histories) {
  std::vector<CausalWriter> writers;
  writers.reserve(histories.size());
  for (History& history : histories) {
    if (!request.facts.marks_bars()) history.wait_until(request.start_seconds);
    writers.emplace_back(request, history, request.options.seed + writers.size());
    if (writers.size() == 1) {
      CONTINUO_TRY(writers[0].open());
    } else {
      writers.back().open_like(writers[0]);
    }
  }
  WriterBatch batch(request, writers);
  do {
    if (request.progress.stop_requested()) return interrupted();
  } while (batch.advance());
  for (History& history : histories) CONTINUO_TRY(close(request, history));
  return {};
}

}  // namespace continuo::generate
