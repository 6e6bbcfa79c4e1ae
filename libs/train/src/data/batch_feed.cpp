#include "data/batch_feed.h"

namespace continuo::train {

Batch BatchFeed::take(std::uint64_t step) {
  const bool ready = next_.valid() && expected_ == step;
  Batch batch = ready ? next_.get() : source_.get(step);
  expected_ = step + 1;
  next_ = std::async(std::launch::async, [this, number = expected_] { return source_.get(number); });
  return batch;
}

}  // namespace continuo::train
