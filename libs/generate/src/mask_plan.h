#pragma once

#include <span>
#include <vector>

#include "continuo/base/rng.h"

#include "token_facts.h"

namespace continuo::generate {

// How many tokens a bar is given before anything is known of it: a model that fills in masks has to be told how many.
// With a primer, as many as one of its latest 16 bars, drawn at random; without, 24 give or take a third. A bar may use
// fewer. At temperature 0 there is no chance: the mean.
class BarBudget {
 public:
  // `primer` may be empty.
  BarBudget(std::span<const TokenId> primer, const TokenFacts& facts, bool by_chance);

  // Range: >= 6, the bar's own word not counted.
  int draw(Rng& rng) const;
  // Near `tokens`, give or take a fifth.
  int near(int tokens, Rng& rng) const;

 private:
  std::vector<int> seen_;
  bool by_chance_;
};

}  // namespace continuo::generate
