#include "unmasking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace continuo::generate {
namespace {

constexpr TokenId kUnused = -1;      // a slot after the end of its run
constexpr double kFirstNoise = 2.0;  // of the Gumbel noise on log-confidence, falling to 0
constexpr TokenId kPieceEnd = -2;    // after the last run: the piece must be able to end
constexpr TokenId kAnything = -3;    // after the last run: more of the same
constexpr double kSure = std::numeric_limits<double>::infinity();

double gumbel(Rng& rng) { return -std::log(-std::log(std::clamp(rng.uniform(), 1e-12, 1 - 1e-12))); }

bool may_follow(const tokens::TokenGrammar& grammar, TokenId next) {
  return next == kAnything || (next == kPieceEnd ? grammar.can_end() : grammar.is_legal(next));
}

}  // namespace

Unmasker::Unmasker(const Request& request, std::uint64_t seed)
    : request_(request), next_(request.facts), sampler_(request.options.sampler), rng_(seed) {}

void Unmasker::predict(const MaskedBlock& block) {
  window_ = block.left;
  for (const Slot& slot : slots_) window_.push_back(slot.token == kUnused ? tokens::kMask : slot.token);
  window_.insert(window_.end(), block.right.begin(), block.right.end());
  logits_.resize(window_.size() * std::size_t(request_.facts.vocab_size()));
  request_.composer.model->forward(window_, logits_, request_.threads);
}

std::span<const float> Unmasker::logits_of(const MaskedBlock& block, std::size_t slot) const {
  const auto vocab = std::size_t(request_.facts.vocab_size());
  return std::span(logits_).subspan((block.left.size() + slot) * vocab, vocab);
}

void Unmasker::draw_slot(const tokens::TokenGrammar& grammar, const NextTokenRules& rules, std::size_t at,
                         double noise) {
  Slot& slot = slots_[at];
  if (slot.token >= 0 && slot.token != tokens::kMask && next_.allows(grammar, rules, slot.token)) {
    slot.confidence = kSure;
    return;
  }
  const auto legal = next_.choices(grammar, rules);
  if (legal.empty()) {
    slot.token = kUnused;
    return;
  }
  slot.token = sampler_.sample(logits_of(*block_, at), legal, rng_);
  slot.confidence = std::log(std::max(sampler_.last_probability(), 1e-300));
  if (noise > 0) slot.confidence += noise * gumbel(rng_);
}

// For each open slot, how many there are from it to the end of its run, and what comes after the run.
void Unmasker::measure_runs(const MaskedBlock& block) {
  int left = block.more_slots;
  TokenId next = left == 0 ? kPieceEnd : kAnything;
  for (std::size_t i = slots_.size(); i-- > 0;) {
    Slot& slot = slots_[i];
    if (slot.fixed) {
      left = 0;
      next = slot.token;
    } else {
      left = left == kUnlimited ? kUnlimited : left + 1;
      slot.left = left;
      slot.next = next;
    }
  }
}

// Takes back what was drawn since the run could last have ended.
void Unmasker::fall_back(std::unique_ptr<tokens::TokenGrammar>& grammar, Rest& rest, std::size_t end) {
  if (!rest.state) return;
  for (std::size_t i = rest.at; i < end; ++i) slots_[i].token = kUnused;
  grammar = std::move(rest.state);
}

void Unmasker::draw(const tokens::TokenGrammar& state, const MaskedBlock& block, double noise) {
  auto grammar = state.clone();
  // Before a piece's first note its meter and tempo have to be set.
  bool begun = grammar->can_end() || std::any_of(block.left.begin(), block.left.end(),
                                                 [&](TokenId token) { return request_.facts.of(token).part_of_note; });
  bool cut = false;
  Rest rest;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    begun = begun || grammar->can_end();
    if (slot.fixed) {
      if (!grammar->is_legal(slot.token)) fall_back(grammar, rest, i);
      if (grammar->is_legal(slot.token)) grammar->accept(slot.token);
      rest.state.reset();
      cut = false;
      continue;
    }
    if (cut) {
      slot.token = kUnused;
      continue;
    }
    if (may_follow(*grammar, slot.next)) rest = {i, grammar->clone()};
    NextTokenRules rules = block.rules;
    rules.allow_timing = rules.allow_timing || !begun;
    rules.left = slot.left;
    draw_slot(*grammar, rules, i, noise);
    cut = slot.token == kUnused;
    if (cut)
      fall_back(grammar, rest, i);
    else
      grammar->accept(slot.token);
  }
  if (block.more_slots == 0 && !grammar->can_end()) fall_back(grammar, rest, slots_.size());
}

void Unmasker::mask_least_sure(std::size_t keep) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (!slots_[i].fixed && slots_[i].token != kUnused) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return slots_[a].confidence > slots_[b].confidence; });
  for (std::size_t i = keep; i < order.size(); ++i) slots_[order[i]].token = tokens::kMask;
}

Result<std::vector<TokenId>> Unmasker::fill(const tokens::TokenGrammar& state, const MaskedBlock& block) {
  block_ = &block;
  slots_.clear();
  for (const TokenId token : block.slots) slots_.push_back({token, token != tokens::kMask});
  measure_runs(block);
  const auto open = double(std::count(block.slots.begin(), block.slots.end(), tokens::kMask));
  const int rounds = request_.options.rounds;
  for (int round = 1; round <= rounds; ++round) {
    if (request_.progress.stop_requested()) return interrupted();
    predict(block);
    const double remaining = 1.0 - double(round) / rounds;
    draw(state, block, request_.options.sampler.temperature > 0 ? kFirstNoise * remaining : 0);
    if (round == rounds) break;
    const double masked = std::cos(std::numbers::pi / 2 * (1 - remaining));
    mask_least_sure(std::size_t(open - std::ceil(masked * open)));
  }
  std::vector<TokenId> filled;
  for (const Slot& slot : slots_)
    if (slot.token != kUnused) filled.push_back(slot.token);
  return filled;
}

}  // namespace continuo::generate
