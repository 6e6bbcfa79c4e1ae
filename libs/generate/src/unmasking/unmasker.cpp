#include "unmasker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace continuo::generate {
namespace {

// How a block stays legal.
//
// Masks are filled in any order, but a grammar reads from left to right. So every round walks over all slots with one
// grammar, which has accepted exactly the tokens to the left: when the walk is at slot i,
//
//   left context + tokens of slots [0, i) that are not kUnused    is a legal sequence, and `grammar` is its state.
//
// Given tokens (bar lines, meters) divide the slots into runs of masks, and a run has to leave the grammar in a state
// in which the token after it is legal: `next` is that token, or kPieceEnd. Two things guarantee this.
//   1. A slot may only take a token after which what is open can be closed within the slots that are left in its run
//      (NextTokenRules::left, from Slot::left).
//   2. `run_end` remembers the latest slot before which `next` was legal. If the run has no legal token, or ends where
//      `next` is not legal, the walk goes back there, and the rest of the run stays kUnused. A bar is then shorter
//      than its budget, and never broken.
// A slot that is kept from an earlier round was legal after what preceded it then. It is checked again, for what
// precedes it now, and drawn anew if it has become illegal. The last round keeps what it draws, so its walk is the
// result.

constexpr TokenId kUnused = -1;          // a slot after the end of its run
constexpr TokenId kPieceEnd = -2;        // after the last run: the piece must be able to end
constexpr TokenId kAnything = -3;        // after the last run: later blocks follow
constexpr double kFirstNoise = 2.0;      // factor of the Gumbel noise on the log-confidence, falling to 0
constexpr int kRefinementsPerRound = 2;  // where none are asked for
constexpr double kFirstShare = 0.5, kLastShare = 0.05;  // of the tokens that a refinement masks
constexpr double kDescent = 0.75;                       // of the refinements, until the last share is reached
constexpr double kKept = std::numeric_limits<double>::infinity();  // confidence of a token of an earlier round

double gumbel(Rng& rng) { return -std::log(-std::log(std::clamp(rng.uniform(), 1e-12, 1 - 1e-12))); }

// Without chance (at temperature 0) there are none: which tokens they mask is chance.
int number_of_refinements(const ComposeOptions& options) {
  if (!options.sampler.is_by_chance()) return 0;
  return options.refinements < 0 ? kRefinementsPerRound * options.rounds : options.refinements;
}

bool may_follow(const tokens::TokenGrammar& grammar, TokenId next) {
  return next == kAnything || (next == kPieceEnd ? grammar.can_end() : grammar.is_legal(next));
}

}  // namespace

Unmasker::Unmasker(const Request& request, std::uint64_t seed)
    : request_(request), next_(request.facts), sampler_(request.options.sampler), rng_(seed) {}

void Unmasker::predict(const History& history, const MaskedBlock& block) {
  window_ = block.left;
  const auto meter = history.meter();
  const auto push = [&](TokenId token) {
    meter->accept(token);
    window_.tokens.push_back(token);
    window_.places.push_back(tokens::place_of(meter->position()));
  };
  for (const Slot& slot : slots_) push(slot.token == kUnused ? tokens::kMask : slot.token);
  for (const TokenId token : block.right) push(token);
  logits_.resize(window_.tokens.size() * std::size_t(request_.facts.vocab_size()));
  request_.composer.model->forward({window_.tokens, window_.places}, logits_, request_.threads);
}

std::span<const float> Unmasker::logits_of(const MaskedBlock& block, std::size_t slot) const {
  const auto vocab = std::size_t(request_.facts.vocab_size());
  return std::span(logits_).subspan((block.left.tokens.size() + slot) * vocab, vocab);
}

void Unmasker::draw_slot(const tokens::TokenGrammar& grammar, const NextTokenRules& rules, std::size_t index,
                         double noise) {
  Slot& slot = slots_[index];
  if (slot.token >= 0 && slot.token != tokens::kMask && next_.allows(grammar, rules, slot.token)) {
    slot.confidence = kKept;
    return;
  }
  const auto legal = next_.choices(grammar, rules);
  if (legal.empty()) {
    slot.token = kUnused;
    return;
  }
  slot.token = sampler_.sample(logits_of(*block_, index), legal, rng_);
  slot.log_likelihood = sampling::log_likelihood(logits_of(*block_, index), slot.token);
  slot.confidence = std::log(std::max(sampler_.last_probability(), 1e-300));
  if (noise > 0) slot.confidence += noise * gumbel(rng_);
}

// From right to left, since a run is measured from its end.
void Unmasker::measure_runs(const MaskedBlock& block) {
  int left = block.more_slots;
  TokenId next = left == 0 ? kPieceEnd : kAnything;
  for (std::size_t i = slots_.size(); i-- > 0;) {
    Slot& slot = slots_[i];
    if (slot.given) {
      left = 0;
      next = slot.token;
    } else {
      left = left == kUnlimited ? kUnlimited : left + 1;
      slot.left = left;
      slot.next = next;
    }
  }
}

// Takes back the tokens of [run_end, end). Does nothing where the run could not have ended earlier.
void Unmasker::end_run_early(std::unique_ptr<tokens::TokenGrammar>& grammar, RunEnd& run_end, std::size_t end) {
  if (!run_end.grammar) return;
  for (std::size_t i = run_end.slot; i < end; ++i) slots_[i].token = kUnused;
  grammar = std::move(run_end.grammar);
}

// Before a piece's first note its meter and tempo have to be set, whatever the rules of the block.
NextTokenRules Unmasker::rules_of(const Slot& slot, bool has_begun) const {
  NextTokenRules rules = block_->rules;
  rules.allow_timing = rules.allow_timing || !has_begun;
  rules.left = slot.left;
  return rules;
}

void Unmasker::draw(const tokens::TokenGrammar& start, const MaskedBlock& block, double noise) {
  auto grammar = start.clone();
  bool has_begun = std::any_of(block.left.tokens.begin(), block.left.tokens.end(),
                               [&](TokenId token) { return request_.facts.of(token).part_of_note; });
  bool run_is_over = false;
  RunEnd run_end;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    has_begun = has_begun || grammar->can_end();
    if (slot.given) {
      if (!grammar->is_legal(slot.token)) end_run_early(grammar, run_end, i);
      if (grammar->is_legal(slot.token)) grammar->accept(slot.token);
      run_end.grammar.reset();
      run_is_over = false;
      continue;
    }
    if (run_is_over) {
      slot.token = kUnused;
      continue;
    }
    if (may_follow(*grammar, slot.next)) run_end = {i, grammar->clone()};
    draw_slot(*grammar, rules_of(slot, has_begun), i, noise);
    run_is_over = slot.token == kUnused;
    if (run_is_over)
      end_run_early(grammar, run_end, i);
    else
      grammar->accept(slot.token);
  }
  if (block.more_slots == 0 && !grammar->can_end()) end_run_early(grammar, run_end, slots_.size());
}

void Unmasker::mask_least_confident(std::size_t keep) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (!slots_[i].given && slots_[i].token != kUnused) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return slots_[a].confidence > slots_[b].confidence; });
  for (std::size_t i = keep; i < order.size(); ++i) slots_[order[i]].token = tokens::kMask;
}

void Unmasker::mask_at_random(double share) {
  for (Slot& slot : slots_)
    if (!slot.given && slot.token != kUnused && rng_.uniform() < share) slot.token = tokens::kMask;
}

Result<std::vector<TokenId>> Unmasker::fill(const History& history, const MaskedBlock& block) {
  block_ = &block;
  slots_.clear();
  for (const TokenId token : block.slots) slots_.push_back({.token = token, .given = token != tokens::kMask});
  measure_runs(block);
  const auto open = double(std::count(block.slots.begin(), block.slots.end(), tokens::kMask));
  const int rounds = request_.options.rounds;
  for (int round = 1; round <= rounds; ++round) {
    if (request_.progress.stop_requested()) return interrupted();
    predict(history, block);
    const double remaining = 1.0 - double(round) / rounds;
    draw(history.grammar(), block, request_.options.sampler.is_by_chance() ? kFirstNoise * remaining : 0);
    if (round == rounds) break;
    const double masked = std::cos(std::numbers::pi / 2 * (1 - remaining));
    mask_least_confident(std::size_t(open - std::ceil(masked * open)));
  }
  const int refinements = number_of_refinements(request_.options);
  for (int n = 0; n < refinements; ++n) {
    if (request_.progress.stop_requested()) return interrupted();
    const double done = std::min(1.0, n / (kDescent * refinements));
    mask_at_random(kFirstShare + (kLastShare - kFirstShare) * done);
    predict(history, block);
    draw(history.grammar(), block, 0);
  }
  std::vector<TokenId> filled;
  for (const Slot& slot : slots_)
    if (slot.token != kUnused) filled.push_back(slot.token);
  return filled;
}

sampling::Likelihood Unmasker::likelihood() const {
  sampling::Likelihood likelihood;
  for (const Slot& slot : slots_)
    if (!slot.given && slot.token != kUnused) likelihood.add(slot.log_likelihood);
  return likelihood;
}

}  // namespace continuo::generate
