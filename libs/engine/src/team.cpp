#include "team.h"

#include <algorithm>
#include <thread>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace continuo::engine {
namespace {

constexpr int kSpins = 4000;

// A thread's wake-up takes as long as reading about this much from the cache.
constexpr std::size_t kBytesPerThread = std::size_t{1} << 20;

void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

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
  for (int spin = 0; spin < spins_; ++spin) {
    if (round_.load(std::memory_order_acquire) != round) return;
    relax();
  }
  round_.wait(round, std::memory_order_acquire);
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
