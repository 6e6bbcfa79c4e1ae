#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"

namespace continuo::corpus {

// Work over many files that never holds more than a few results a thread. Several passes share one count of progress.
class OrderedRun {
 public:
  OrderedRun(ThreadPool& threads, Progress& progress) : threads_(threads), progress_(progress) {}
  ThreadPool& threads() { return threads_; }
  // Announces files of passes to come.
  void add_to_total(std::uint64_t files) { total_ += files; }

  // For i in [0, count): make(i) on any thread, in any order, and take(i, what it made) on one thread at a time, in
  // order. A thread that is done takes the next file, so none waits for a slow one until all are far ahead of it.
  // Errors: interrupted, and those of take. An exception from either is passed on.
  template <typename Made, typename Make, typename Take>
  Status run(std::size_t count, std::string_view note, const Make& make, const Take& take) {
    Pass<Made> pass(count, kWaitingPerThread * std::size_t(threads_.threads()));
    threads_.run([&](int thread) {
      const StopOnException guard(pass);
      std::unique_lock lock(pass.mutex);
      while (const auto file = pass.next(lock)) {
        lock.unlock();
        std::optional<Made> made(make(*file));
        lock.lock();
        pass.put(*file, std::move(made));
        pass.take_ready(lock, take);
        if (thread == 0) report(pass, note);
      }
    });
    done_ += pass.taken;
    if (pass.status.ok()) progress_.update(done_, total_, note);
    return pass.status;
  }

 private:
  static constexpr std::size_t kWaitingPerThread = 32;

  template <typename Made>
  struct Pass {
    Pass(std::size_t files, std::size_t room) : count(files), waiting(room) {}

    std::optional<std::size_t> next(std::unique_lock<std::mutex>& lock) {
      changed.wait(lock, [&] { return stopped || given == count || given - taken < waiting.size(); });
      if (stopped || given == count) return std::nullopt;
      return given++;
    }
    void put(std::size_t file, std::optional<Made>&& made) { waiting[file % waiting.size()] = std::move(made); }

    template <typename Take>
    void take_ready(std::unique_lock<std::mutex>& lock, const Take& take) {
      if (taking) return;  // that thread will find what we have just put there
      taking = true;
      while (!stopped && taken < count && waiting[taken % waiting.size()]) {
        auto& slot = waiting[taken % waiting.size()];
        Made made = std::move(*slot);
        slot.reset();
        lock.unlock();
        Status result = take(taken, std::move(made));
        lock.lock();
        if (!result.ok()) fail(std::move(result));
        ++taken;
        changed.notify_all();
      }
      taking = false;
    }
    void fail(Status failure) {
      if (status.ok()) status = std::move(failure);
      stopped = true;
      changed.notify_all();
    }

    const std::size_t count;
    std::vector<std::optional<Made>> waiting;  // of file i in place i % size
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t given = 0, taken = 0;
    bool taking = false, stopped = false;
    Status status;
  };

  template <typename Made>
  class StopOnException {
   public:
    explicit StopOnException(Pass<Made>& pass) : pass_(pass), exceptions_(std::uncaught_exceptions()) {}
    ~StopOnException() {
      if (std::uncaught_exceptions() == exceptions_) return;
      const std::lock_guard lock(pass_.mutex);
      pass_.fail(Error{ErrorCode::interrupted, "stopped by an exception", {}, {}});
    }
    StopOnException(const StopOnException&) = delete;
    StopOnException& operator=(const StopOnException&) = delete;

   private:
    Pass<Made>& pass_;
    int exceptions_;
  };

  template <typename Made>
  void report(Pass<Made>& pass, std::string_view note) {
    progress_.update(done_ + pass.taken, total_, note);
    if (progress_.stop_requested()) pass.fail(Error{ErrorCode::interrupted, "stopped on request", {}, {}});
  }

  ThreadPool& threads_;
  Progress& progress_;
  std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace continuo::corpus
