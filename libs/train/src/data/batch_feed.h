#pragma once

#include <cstdint>
#include <future>

#include "data/batch_source.h"

namespace continuo::train {

// Has the batch of the next step made on a thread of its own while the current one is learned from.
class BatchFeed {
 public:
  // Requires: `source` outlives this.
  // `pins`: batches are made in memory that a GPU reads by itself.
  explicit BatchFeed(const BatchSource& source, bool pins = false) : source_(source), pins_(pins) {}

  // source.get(step), without delay when the steps are taken in order.
  Batch take(std::uint64_t step);

 private:
  Batch make(std::uint64_t step) const;

  const BatchSource& source_;
  bool pins_;
  std::uint64_t expected_ = 0;
  std::future<Batch> next_;  // batch number `expected_`, if valid
};

}  // namespace continuo::train
