#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "continuo/base/rng.h"
#include "continuo/sampling/likelihood.h"
#include "continuo/sampling/sampler.h"

#include "../request/history.h"
#include "../request/request.h"
#include "../rules/next_token.h"

namespace continuo::generate {

// A stretch of music to fill in, with its context on both sides.
struct MaskedBlock {
  Context left;                // BOS first
  std::vector<TokenId> slots;  // MASK where a token is wanted; the others are given and stay
  std::vector<TokenId> right;  // context
  NextTokenRules rules;        // of every drawn token; its `left` is ignored, since each slot has its own
  int more_slots = 0;          // that follow in later blocks; kUnlimited: the block need not end closed
};

// Fills masked positions by iterative unmasking: each round predicts all open slots at once, draws them from left to
// right under the grammar, and masks the least confident again (cosine schedule, Gumbel noise that falls to 0). A token
// kept from an earlier round that the tokens before it now forbid is drawn again. A run of masks of which not all can
// be used is cut short. Then as many rounds of refinement as are asked for: each masks a random share of the tokens,
// smaller from round to round, and draws them again, all at once. So a token that was drawn when little else was known
// is not final.
// Source: Chang et al., "MaskGIT", arXiv 2202.04200, section 3.2. Two differences: the grammar, and that a confidence
// is a probability among legal tokens, after the sampler's filters. Refinement: blocked Gibbs sampling with an annealed
// share, Yao et al., "On the Equivalence between Deep NADE and Generative Stochastic Networks", 2014; Huang et al.,
// "Counterpoint by Convolution", 2017, section 4.2.
class Unmasker {
 public:
  Unmasker(const Request& request, std::uint64_t seed);

  // The tokens of the slots, without those that remained unused. `history` is what precedes the first slot; its tokens
  // and then the result are legal. Requires: left, slots and right fit the model's context. Errors: interrupted.
  Result<std::vector<TokenId>> fill(const History& history, const MaskedBlock& block);
  // Of the tokens that the last fill() returned and that were not given: each as the model found it when it was drawn.
  sampling::Likelihood likelihood() const;

 private:
  struct Slot {
    TokenId token;
    bool given = false;
    double confidence = 0;
    double log_likelihood = 0;  // when it was drawn
    int left = 0;               // open slots from here to the end of the run
    TokenId next = 0;           // what follows the run and has to be legal after it
  };
  // The latest slot of a run before which the run could have ended, and the grammar there. No grammar: none yet.
  struct RunEnd {
    std::size_t slot = 0;
    std::unique_ptr<tokens::TokenGrammar> grammar;
  };

  void predict(const History& history, const MaskedBlock& block);
  void measure_runs(const MaskedBlock& block);
  void end_run_early(std::unique_ptr<tokens::TokenGrammar>& grammar, RunEnd& run_end, std::size_t end);
  void draw(const tokens::TokenGrammar& start, const MaskedBlock& block, double noise);
  void draw_slot(const tokens::TokenGrammar& grammar, const NextTokenRules& rules, std::size_t index, double noise);
  NextTokenRules rules_of(const Slot& slot, bool has_begun) const;
  void mask_least_confident(std::size_t keep);
  void mask_at_random(double share);
  std::span<const float> logits_of(const MaskedBlock& block, std::size_t slot) const;

  const Request& request_;
  NextToken next_;
  sampling::Sampler sampler_;
  Rng rng_;
  std::vector<Slot> slots_;
  std::vector<float> logits_;  // [window, vocab]
  Context window_;
  const MaskedBlock* block_ = nullptr;
};

}  // namespace continuo::generate
