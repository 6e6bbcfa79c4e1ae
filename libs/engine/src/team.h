#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "continuo/base/thread_pool.h"

namespace continuo::engine {

// Holds threads until all have come. Spins for about as long as a wake-up costs, then sleeps, so that a thread
// that has lost its core to another program does not stall the one that still has its own.
class Barrier {
 public:
  Barrier();
  // Requires: nobody waits.
  void set_parties(int parties) noexcept;
  void wait() noexcept;

 private:
  int processors_;
  int parties_ = 1;
  int spins_ = 0;
  std::atomic<int> arrived_{0};
  std::atomic<std::uint32_t> round_{0};
};

// A contiguous range of the work that is one thread's.
struct Share {
  std::size_t begin;
  std::size_t end;
};

// One thread's place in a group that works through the layers together.
class Worker {
 public:
  Worker(int index, int count, Barrier* barrier) : index_(index), count_(count), barrier_(barrier) {}
  int index() const { return index_; }
  Share share(std::size_t work) const noexcept {
    const auto parts = static_cast<std::size_t>(count_);
    const auto part = static_cast<std::size_t>(index_);
    return {work * part / parts, work * (part + 1) / parts};
  }
  void sync() const noexcept {
    if (count_ > 1) barrier_->wait();
  }

 private:
  int index_;
  int count_;
  Barrier* barrier_;
};

// Lets the first few threads of a pool do a task together. Its worker(i) is valid within that task on thread i.
class Team {
 public:
  // Calls task(0) to task(size - 1), each on a thread of its own; alone, on this one. Requires: size <=
  // threads().
  void run(ThreadPool& threads, int size, const std::function<void(int)>& task);
  Worker worker(int index) noexcept { return {index, size_, &barrier_}; }

 private:
  Barrier barrier_;
  int size_ = 1;
  const std::function<void(int)>* task_ = nullptr;
  std::function<void(int)> entry_ = [this](int index) {
    if (index < size_) (*task_)(index);
  };
};

// How many of `threads` are worth waking for a pass that reads `weight_bytes` for each of `rows` tokens.
int team_size(int threads, std::size_t weight_bytes, std::size_t rows);

}  // namespace continuo::engine
