#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace continuo {

// A fixed crew of threads. Work is split statically into as many contiguous ranges as there are threads, so
// which thread does what never depends on timing, but for for_each_task(). run() may be called from one thread at a time.
class ThreadPool {
 public:
  // `threads` counts the caller, which works too. Range: 1 upwards; 0 means default_thread_count().
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }
  // Calls work(thread_index) once on each thread and returns when all have returned. An exception from one of
  // them is rethrown here after all have ended.
  void run(const std::function<void(int)>& work);
  // Splits [0, count) into threads() ranges and calls work(begin, end) for each that is not empty.
  void parallel_for(std::size_t count, const std::function<void(std::size_t, std::size_t)>& work);
  // Calls work(task) for each of [0, count), begun in this order; a thread that is done takes the next. For few tasks of
  // unequal length, whose results do not depend on which thread does them.
  void for_each_task(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  struct Crew;
  int threads_;
  std::unique_ptr<Crew> crew_;
};

// The processors that this process may use.
int default_thread_count();

}  // namespace continuo
