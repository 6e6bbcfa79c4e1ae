#include "continuo/base/thread_pool.h"

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "continuo/base/platform/platform.h"
#include "continuo/base/spin_wait.h"

namespace continuo {

int default_thread_count() { return platform::usable_processors(); }

// Members wait for the next round by spinning for a moment: a piece of music is thousands of rounds, each less than a
// millisecond after the other.
struct ThreadPool::Crew {
  std::atomic<std::uint32_t> round{0};
  std::atomic<int> busy{0};
  const std::function<void(int)>* work = nullptr;  // of this round; null: go home
  int spins = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  std::vector<std::thread> members;

  void attempt(const std::function<void(int)>& task, int index) {
    try {
      task(index);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  }

  void begin(const std::function<void(int)>* task) {
    work = task;
    busy.store(static_cast<int>(members.size()), std::memory_order_relaxed);
    round.fetch_add(1, std::memory_order_release);
    round.notify_all();
  }

  void finish() {
    for (int left = busy.load(std::memory_order_acquire); left > 0; left = busy.load(std::memory_order_acquire)) {
      wait_for_change(busy, left, spins);
    }
  }

  void serve(int index) {
    for (std::uint32_t seen = 0;; ++seen) {
      wait_for_change(round, seen, spins);
      if (work == nullptr) return;
      attempt(*work, index);
      if (busy.fetch_sub(1, std::memory_order_acq_rel) == 1) busy.notify_one();
    }
  }
};

ThreadPool::ThreadPool(int threads)
    : threads_(threads > 0 ? threads : default_thread_count()), crew_(std::make_unique<Crew>()) {
  // More threads than processors cannot all come while one of them spins.
  crew_->spins = threads_ <= default_thread_count() ? kSpins : 0;
  for (int index = 1; index < threads_; ++index) {
    crew_->members.emplace_back([crew = crew_.get(), index] { crew->serve(index); });
  }
}

ThreadPool::~ThreadPool() {
  crew_->begin(nullptr);
  for (auto& member : crew_->members) member.join();
}

void ThreadPool::run(const std::function<void(int)>& work) {
  if (threads_ == 1) return work(0);
  crew_->begin(&work);
  crew_->attempt(work, 0);
  crew_->finish();
  if (crew_->failure) std::rethrow_exception(std::exchange(crew_->failure, nullptr));
}

void ThreadPool::parallel_for(std::size_t count, const std::function<void(std::size_t, std::size_t)>& work) {
  const auto parts = static_cast<std::size_t>(threads_);
  run([&](int index) {
    const auto part = static_cast<std::size_t>(index);
    const std::size_t begin = count * part / parts;
    const std::size_t end = count * (part + 1) / parts;
    if (begin < end) work(begin, end);
  });
}

void ThreadPool::for_each_task(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  run([&](int) {
    for (std::size_t task = next++; task < count; task = next++) work(task);
  });
}

}  // namespace continuo
