#pragma once

#include <cstdint>
#include <future>

#include "data/batch_source.h"

namespace continuo::train {

// Has the batch of the next step made on a thread of its own while the current one is learned from.
class BatchFeed {
 public:
  // Requires: `source` outlives this.
  explicit BatchFeed(const BatchSource& source) : source_(source) {}

  // source.get(step), without delay when the steps are taken in order.
  Batch take(std::uint64_t step);

 private:
  const BatchSource& source_;
  std::uint64_t expected_ = 0;
  std::future<Batch> next_;  // batch number `expected_`, if valid
};

}  // namespace continuo::train
