#pragma once

#include <memory>
#include <span>
#include <vector>

#include "continuo/base/rng.h"
#include "continuo/sampling/sampler.h"

#include "next_token.h"
#include "request.h"

namespace continuo::generate {

// A stretch of music to fill in, with its context on both sides.
struct MaskedBlock {
  std::vector<TokenId> left;   // context, BOS first
  std::vector<TokenId> slots;  // MASK where a token is wanted; the others stay
  std::vector<TokenId> right;  // context
  NextTokenRules rules;        // `left` is ours to set
  int more_slots = 0;          // that follow in later blocks; kUnlimited: the block need not end closed
};

// Fills masked positions by iterative unmasking: each round predicts all that are open, draws them from left to right
// under the grammar, and keeps the surest (cosine schedule, Gumbel noise that dies down). A token that was kept
// earlier and that the tokens before it now forbid is drawn again. A run of masks that cannot be used to its end is cut
// short.
// Source: Chang et al., "MaskGIT", arXiv 2202.04200, section 3.2. We differ in the grammar, and in that a confidence is
// a probability among legal tokens, after the sampler's filters.
class Unmasker {
 public:
  Unmasker(const Request& request, std::uint64_t seed);

  // `state` is the grammar before the first slot. The result is legal from there. Errors: interrupted.
  // Requires: left, slots and right fit the model's context.
  Result<std::vector<TokenId>> fill(const tokens::TokenGrammar& state, const MaskedBlock& block);

 private:
  struct Slot {
    TokenId token;
    bool fixed = false;
    double confidence = 0;
    int left = 0;      // open slots from here to the end of the run
    TokenId next = 0;  // after the run: what it must leave room for
  };
  // A place in a run where it could end, and the grammar there.
  struct Rest {
    std::size_t at = 0;
    std::unique_ptr<tokens::TokenGrammar> state;
  };

  void predict(const MaskedBlock& block);
  void measure_runs(const MaskedBlock& block);
  void fall_back(std::unique_ptr<tokens::TokenGrammar>& grammar, Rest& rest, std::size_t end);
  void draw(const tokens::TokenGrammar& state, const MaskedBlock& block, double noise);
  void draw_slot(const tokens::TokenGrammar& grammar, const NextTokenRules& rules, std::size_t at, double noise);
  void mask_least_sure(std::size_t keep);
  std::span<const float> logits_of(const MaskedBlock& block, std::size_t slot) const;

  const Request& request_;
  NextToken next_;
  sampling::Sampler sampler_;
  Rng rng_;
  std::vector<Slot> slots_;
  std::vector<float> logits_;  // [window, vocab]
  std::vector<TokenId> window_;
  const MaskedBlock* block_ = nullptr;
};

}  // namespace continuo::generate
