#include "team.h"

#include <algorithm>

#include "continuo/base/spin_wait.h"

namespace continuo::engine {
namespace {

// A thread's wake-up takes as long as reading about this much from the cache.
constexpr std::size_t kBytesPerThread = std::size_t{1} << 20;

}  // namespace

Barrier::Barrier() : processors_(default_thread_count()) {}

// More threads than processors cannot all come while one of them spins.
void Barrier::set_parties(int parties) noexcept {
  parties_ = parties;
  spins_ = parties <= processors_ ? kSpins : 0;
}

void Barrier::wait() noexcept {
  const std::uint32_t round = round_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == parties_) {
    arrived_.store(0, std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_acq_rel);
    round_.notify_all();
    return;
  }
  wait_for_change(round_, round, spins_);
}

void Team::run(ThreadPool& threads, int size, const std::function<void(int)>& task) {
  size_ = size;
  if (size == 1) return task(0);
  barrier_.set_parties(size);
  task_ = &task;
  threads.run(entry_);
}

int team_size(int threads, std::size_t weight_bytes, std::size_t rows) {
  const std::size_t worth = weight_bytes * rows / kBytesPerThread;
  return static_cast<int>(std::clamp<std::size_t>(worth, 1, static_cast<std::size_t>(threads)));
}

}  // namespace continuo::engine
