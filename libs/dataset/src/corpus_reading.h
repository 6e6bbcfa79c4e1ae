#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/dataset/source.h"
#include "continuo/score/score.h"

namespace continuo::dataset {

// Work over many files that never holds more than a batch of results. Several passes share one count of
// progress.
class BatchRun {
 public:
  // `total` is the number of files in all passes.
  BatchRun(ThreadPool& threads, Progress& progress, std::uint64_t total)
      : threads_(threads), progress_(progress), total_(total) {}
  void add_to_total(std::uint64_t files) { total_ += files; }

  // For i in [0, count): make(i) on some thread, then take(i, what it made) on this one, in order.
  // Errors: interrupted, and those of take.
  template <typename Made, typename Make, typename Take>
  Status run(std::size_t count, std::string_view note, const Make& make, const Take& take) {
    constexpr std::size_t kFilesPerThread = 8;
    const std::size_t batch = kFilesPerThread * std::size_t(threads_.threads());
    for (std::size_t begin = 0; begin < count; begin += batch) {
      if (progress_.stop_requested()) return Error{ErrorCode::interrupted, "stopped on request", {}, {}};
      const std::size_t size = std::min(batch, count - begin);
      std::vector<Made> made(size);
      threads_.parallel_for(size, [&](std::size_t first, std::size_t end) {
        for (std::size_t i = first; i < end; ++i) made[i] = make(begin + i);
      });
      for (std::size_t i = 0; i < size; ++i) CONTINUO_TRY(take(begin + i, std::move(made[i])));
      done_ += size;
      progress_.update(done_, total_, note);
    }
    return {};
  }

 private:
  ThreadPool& threads_;
  Progress& progress_;
  std::uint64_t done_ = 0, total_ = 0;
};

// The pieces of one of the source's files. Errors: as notation::read_scores, without a path.
Result<std::vector<score::Score>> read_entry(const Source& source, std::size_t file);

// "a.mid", or "book.abc#2" for the second of several tunes. `tune` counts from 0.
std::string piece_name(const SourceEntry& entry, std::size_t tune, std::size_t tunes);

Reject reject_for(std::string path, const Error& error);

}  // namespace continuo::dataset
