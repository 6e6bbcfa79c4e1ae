#include "continuo/base/thread_pool.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "continuo/base/platform/platform.h"

namespace continuo {

int default_thread_count() { return platform::usable_processors(); }

struct ThreadPool::Crew {
  std::mutex mutex;
  std::condition_variable work_given, work_done;
  const std::function<void(int)>* work = nullptr;
  std::uint64_t round = 0;
  int busy = 0;
  bool closing = false;
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

  void serve(int index) {
    std::uint64_t seen = 0;
    while (true) {
      const std::function<void(int)>* task = nullptr;
      {
        std::unique_lock lock(mutex);
        work_given.wait(lock, [&] { return closing || round != seen; });
        if (closing) return;
        seen = round;
        task = work;
      }
      attempt(*task, index);
      const std::lock_guard lock(mutex);
      if (--busy == 0) work_done.notify_one();
    }
  }
};

ThreadPool::ThreadPool(int threads)
    : threads_(threads > 0 ? threads : default_thread_count()), crew_(std::make_unique<Crew>()) {
  for (int index = 1; index < threads_; ++index) {
    crew_->members.emplace_back([crew = crew_.get(), index] { crew->serve(index); });
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(crew_->mutex);
    crew_->closing = true;
  }
  crew_->work_given.notify_all();
  for (auto& member : crew_->members) member.join();
}

void ThreadPool::run(const std::function<void(int)>& work) {
  if (threads_ == 1) return work(0);
  {
    const std::lock_guard lock(crew_->mutex);
    crew_->work = &work;
    crew_->busy = threads_ - 1;
    ++crew_->round;
  }
  crew_->work_given.notify_all();
  crew_->attempt(work, 0);
  std::unique_lock lock(crew_->mutex);
  crew_->work_done.wait(lock, [&] { return crew_->busy == 0; });
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

}  // namespace continuo
