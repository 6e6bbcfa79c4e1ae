#pragma once

#include <algorithm>
#include <cstddef>

#include "continuo/base/thread_pool.h"

namespace continuo::engine {

// The threads that go through one pass of a model. A pass is a sequence of steps, each of which is done when all of its
// pieces are; between them the calling thread is alone.
class Workers {
 public:
  // As many threads of the pool as are worth waking for a pass that reads `weight_bytes` for each of `rows` tokens.
  Workers(ThreadPool& pool, std::size_t weight_bytes, std::size_t rows)
      : pool_(pool),
        count_(static_cast<int>(std::clamp<std::size_t>(weight_bytes * rows / kBytesPerThread, 1,
                                                        static_cast<std::size_t>(pool.threads())))) {}

  // How a step may be cut: into ranges that begin at a multiple of `grain`, of at least `least` units or a worker's
  // equal part of fewer.
  struct Cut {
    std::size_t least = 1;
    std::size_t grain = 1;
  };
  // Calls work(begin, end, worker) for ranges that cover [0, units). Each worker gets equally many, of about equal
  // length, and where the step is long enough a few, so that one that comes late leaves something to take over.
  template <typename Work>
  void share(std::size_t units, Cut cut, const Work& work) const {
    const std::size_t grains = (units + cut.grain - 1) / cut.grain, pieces = pieces_of(units, grains, cut.least);
    pool_.share(
        pieces,
        [&](std::size_t piece, int worker) {
          work(grains * piece / pieces * cut.grain, std::min(units, grains * (piece + 1) / pieces * cut.grain), worker);
        },
        count_);
  }

 private:
  // A thread's wake-up takes as long as reading about this much from the cache.
  static constexpr std::size_t kBytesPerThread = std::size_t{1} << 20;
  static constexpr std::size_t kPiecesPerWorker = 4;

  std::size_t pieces_of(std::size_t units, std::size_t grains, std::size_t least) const {
    const auto workers = static_cast<std::size_t>(count_);
    if (count_ == 1 || units <= least) return 1;
    // An uneven last piece would make one worker wait for as long as the piece takes.
    const std::size_t rounds = std::min(kPiecesPerWorker, units / least / workers);
    return std::min(grains, std::max<std::size_t>(1, rounds) * workers);
  }

  ThreadPool& pool_;
  int count_;
};

}  // namespace continuo::engine
