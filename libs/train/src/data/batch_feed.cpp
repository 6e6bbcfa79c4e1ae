#include "data/batch_feed.h"

#include "data/micro_batch.h"

namespace continuo::train {

Batch BatchFeed::make(std::uint64_t step) const {
  Batch batch = source_.get(step);
  return pins_ ? pinned(batch) : batch;
}

Batch BatchFeed::take(std::uint64_t step) {
  const bool ready = next_.valid() && expected_ == step;
  Batch batch = ready ? next_.get() : make(step);
  expected_ = step + 1;
  next_ = std::async(std::launch::async, [this, number = expected_] { return make(number); });
  return batch;
}

}  // namespace continuo::train
