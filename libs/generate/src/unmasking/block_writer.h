#pragma once

#include <cstddef>
#include <vector>

#include "continuo/base/rng.h"

#include "../request/history.h"
#include "../request/request.h"
#include "bar_budget.h"
#include "unmasker.h"

namespace continuo::generate {

// Appends what a bidirectional model fills in to a history, block by block. A block is what the model sees at once:
// context on the left (at most half of the window while the piece grows), masks, context on the right.
class BlockWriter {
 public:
  // `request` and `history` outlive it. The history so far gives the usual number of tokens in a bar.
  BlockWriter(const Request& request, std::uint64_t seed, History& history);

  const Request& request() const { return request_; }
  const History& history() const { return history_; }
  // Units: tokens.
  std::size_t context_length() const { return context_; }
  std::size_t drawn() const { return history_.size() - first_; }

  // A number of masks for a new bar, or for one that had `tokens`.
  int draw_budget() { return budget_.draw(budget_rng_); }
  int draw_budget_near(int tokens) { return budget_.near(tokens, budget_rng_); }

  // Requires: the block fits the context, and its left part ends with the history. Errors: interrupted.
  Status append(const MaskedBlock& block);
  // Removes what was drawn beyond the goal in seconds, then ends what is open.
  Status finish();
  // `done` of `total` units, 0 for an unknown total.
  void report(std::size_t done, std::size_t total) const;

 private:
  void truncate_to_goal();

  const Request& request_;
  History& history_;
  std::size_t first_;
  std::size_t context_;
  Unmasker unmasker_;
  Rng budget_rng_;
  BarBudget budget_;
};

}  // namespace continuo::generate
