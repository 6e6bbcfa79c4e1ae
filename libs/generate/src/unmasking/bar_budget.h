#pragma once

#include <span>
#include <vector>

#include "continuo/base/rng.h"

#include "../rules/token_facts.h"

namespace continuo::generate {

// The number of masks that a bar is given: a model that fills in masks has to be given a number before it knows
// anything of the bar. With a primer, that of one of its latest 16 bars, drawn at random; without, 24 plus or minus 8.
// The bar may use fewer. Without chance (at temperature 0) it is the mean.
class BarBudget {
 public:
  // `primer` may be empty.
  BarBudget(std::span<const TokenId> primer, const TokenFacts& facts, bool by_chance);

  // Of a new bar. Range: >= 6, the bar line not counted.
  int draw(Rng& rng) const;
  // Of a bar that had `tokens` before: as many, plus or minus a fifth. Range: >= 6.
  int near(int tokens, Rng& rng) const;

 private:
  std::vector<int> seen_;  // tokens of the latest bars of the primer
  bool by_chance_;
};

}  // namespace continuo::generate
