#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace continuo {

// A fixed set of threads that work through pieces together, the calling thread among them.
//
// share() cuts work into pieces. Each thread begins with a range of its own, so that on a quiet machine it meets the
// same pieces, and the same memory, every time; whoever is done takes from the others what they have not begun. So the
// call waits only for pieces that are under way, never for a thread that has not come. A thread that finds itself
// interrupted by other programs works in short bursts with rests between them for a while, and leaves its pieces to the
// others.
//
// Results do not depend on who does a piece as long as pieces do not depend on each other. Calls come from one thread
// at a time, and not from within a piece.
class ThreadPool {
 public:
  // `threads` counts the caller. Range: 1 upwards; 0 means default_thread_count(). Where the system gives fewer, the
  // pool has those: see threads().
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Calls work(piece, worker) once for each piece of [0, count) and returns when all have returned. `worker` is the
  // index of the thread, from 0 (the caller) to threads() - 1: memory that belongs to a worker is used by one piece at
  // a time. At most `workers` threads take part (0: all). An exception from a piece is rethrown here after all have
  // ended.
  template <typename Work>
  void share(std::size_t count, const Work& work, int workers = 0) {
    share_pieces(
        count,
        {[](const void* pieces, std::size_t piece, int worker) { (*static_cast<const Work*>(pieces))(piece, worker); },
         &work},
        workers);
  }
  // Calls work(begin, end) for up to threads() ranges that cover [0, count).
  void parallel_for(std::size_t count, const std::function<void(std::size_t, std::size_t)>& work);
  // Calls work(task) for each of [0, count). For tasks of unequal length.
  void for_each_task(std::size_t count, const std::function<void(std::size_t)>& work);
  // Calls work(worker) once on each thread, all at the same time: for work whose threads wait for one another.
  void run(const std::function<void(int)>& work);

  // Whether other programs took processors away from these threads a moment ago.
  bool crowded() const;

 private:
  // A call of share(): the function to call for each piece, and what it is called on.
  struct Pieces {
    void (*call)(const void* work, std::size_t piece, int worker) = nullptr;
    const void* work = nullptr;
  };
  struct Crew;
  void share_pieces(std::size_t count, Pieces pieces, int workers);

  int threads_;
  std::unique_ptr<Crew> crew_;
};

// Whether pools that are made from now on keep each thread but the caller's on a processor of its own. Without effect
// where there are fewer processors than threads. The system then cannot move them away from other programs. Off at
// first.
void pin_new_threads(bool pin);

// The number of threads worth starting for computing: see platform::usable_processors().
int default_thread_count();

}  // namespace continuo
