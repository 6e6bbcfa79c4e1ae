#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"

namespace continuo::dataset {

// take(batch) of all that make() gives, in order, until it gives nothing: one thread makes while another takes; a
// single thread does both by turns. make() returns Result<std::optional<Batch>>, take() a Status. Ends at the first
// error of either, which it returns; an exception is passed on. Memory: three batches.
template <typename Batch, typename Make, typename Take>
Status in_two_stages(ThreadPool& threads, const Make& make, const Take& take) {
  if (threads.threads() == 1) {
    while (true) {
      CONTINUO_ASSIGN(std::optional<Batch> batch, make());
      if (!batch) return {};
      CONTINUO_TRY(take(*batch));
    }
  }
  struct {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Batch> waiting;
    bool made_all = false, taken_all = false;
  } shared;
  // Tells the other stage that this one has ended, however it did.
  struct End {
    decltype(shared)& state;
    bool& flag;
    ~End() {
      const std::lock_guard lock(state.mutex);
      flag = true;
      state.changed.notify_all();
    }
  };
  Status made, taken;
  const auto make_all = [&] {
    const End end{shared, shared.made_all};
    while (true) {
      Result<std::optional<Batch>> batch = make();
      if (!batch.ok()) made = batch.error();
      if (!batch.ok() || !*batch) return;
      std::unique_lock lock(shared.mutex);
      shared.changed.wait(lock, [&] { return !shared.waiting || shared.taken_all; });
      if (shared.taken_all) return;
      shared.waiting = *std::move(batch);
      shared.changed.notify_all();
    }
  };
  const auto take_all = [&] {
    const End end{shared, shared.taken_all};
    while (taken.ok()) {
      std::unique_lock lock(shared.mutex);
      shared.changed.wait(lock, [&] { return shared.waiting || shared.made_all; });
      if (!shared.waiting) return;
      const Batch batch = *std::move(shared.waiting);
      shared.waiting.reset();
      shared.changed.notify_all();
      lock.unlock();
      taken = take(batch);
    }
  };
  threads.run([&](int thread) {
    if (thread == 0) make_all();
    if (thread == 1) take_all();
  });
  CONTINUO_TRY(std::move(taken));
  return made;
}

}  // namespace continuo::dataset
