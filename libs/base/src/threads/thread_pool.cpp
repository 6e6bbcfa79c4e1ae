#include "continuo/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "continuo/base/platform/platform.h"
#include "continuo/base/spin_wait.h"

#include "pace.h"

namespace continuo {
namespace {

// A range of pieces of one round that nobody has begun, in one word, so that the owner takes from its beginning and
// others from its end without a lock. A thread that comes late finds another round in the word, and takes nothing.
struct Ticket {
  static constexpr std::size_t kMostPieces = 0xffff;

  std::uint32_t round = 0;
  std::uint16_t begin = 0, end = 0;

  std::uint64_t word() const { return std::uint64_t{round} << 32 | std::uint64_t{begin} << 16 | end; }
  static Ticket of(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint16_t>(word >> 16),
            static_cast<std::uint16_t>(word)};
  }
};

std::atomic<bool> pins{false};

constexpr std::int64_t kMicrosecond = 1000;
// Waiting is usually over in microseconds, less than a sleeping thread takes to wake up. Where other programs want the
// processor, spinning uses up the time slice that the next piece needs.
constexpr std::int64_t kSpin = 60 * kMicrosecond, kCrowdedSpin = 5 * kMicrosecond;

// Looks at the clock only now and then. False when `deadline` has come first.
template <typename Condition>
bool spin_until(std::int64_t deadline, const Condition& holds) noexcept {
  while (clock_now() < deadline) {
    for (int i = 0; i < 8; ++i) {
      if (holds()) return true;
      spin_pause();
    }
  }
  return false;
}

}  // namespace

// The protocol of a round. The caller writes `pieces` and then the ticket of each thread that takes part; a thread
// reads `pieces` only after it has taken a piece of that ticket, and the caller writes again only after all pieces that
// were taken are finished: so what a thread reads belongs to the round of its piece. All counts of finished pieces only
// grow.
struct ThreadPool::Crew {
  // What one thread shares with the others, on cache lines of its own.
  struct alignas(64) Member {
    std::atomic<std::uint64_t> ticket{0};
    Pieces pieces;
    alignas(64) std::atomic<std::uint64_t> finished{0};  // pieces that this thread has done, of any ticket
    std::atomic<int> asleep{0};
    bool keeps_away = false;  // from the caller's processor
    Pace pace;
  };

  explicit Crew(int size) : members(static_cast<std::size_t>(size)) {
    team_.reserve(members.size());
    team_.push_back(0);
  }

  void share(std::size_t count, Pieces pieces, std::size_t workers, bool all_at_once);
  void serve(std::size_t index);
  void close();

  std::vector<Member> members;  // 0: the caller
  std::vector<std::thread> threads;
  std::int64_t spin = kSpin;
  Crowding crowding;

 private:
  void gather(std::size_t workers, bool all) noexcept;
  void publish(Member& member, Ticket ticket, Pieces pieces) noexcept;
  std::optional<std::size_t> take(Member& member, std::uint32_t round, bool own) noexcept;
  std::size_t do_pieces(std::size_t index, std::uint32_t round, bool steals);
  void attempt(const Pieces& pieces, std::size_t piece, std::size_t worker) noexcept;
  void finish() noexcept;
  bool all_finished() const noexcept;
  static void wake(std::atomic<int>& sleeper) noexcept;
  std::uint32_t wait_for_round(Member& own, std::uint32_t seen) noexcept;
  void settle(Member& own) noexcept;

  std::vector<std::size_t> team_;  // of this round
  std::uint32_t round_ = 0;
  // Pieces of all rounds so far. A thread that is asked about an earlier round may read it while the caller continues.
  std::atomic<std::uint64_t> begun_{0};
  std::atomic<bool> exclusive_{false};
  std::atomic<int> processor_{-1};  // the caller's, while the machine is crowded
  std::atomic<int> caller_sleeps_{0};
  std::atomic<bool> closing_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
};

// --- Rounds, by the caller

void ThreadPool::Crew::publish(Member& member, Ticket ticket, Pieces pieces) noexcept {
  member.pieces = pieces;
  // Sequentially consistent, as in wait_for_round(): either the thread sees the ticket, or it is seen to sleep.
  member.ticket.exchange(ticket.word(), std::memory_order_seq_cst);
  if (&member != members.data()) wake(member.asleep);
}

// Sequentially consistent like the rest of this handshake: notify_one() looks whether anybody waits, and that look must
// not come before the store.
void ThreadPool::Crew::wake(std::atomic<int>& sleeper) noexcept {
  if (sleeper.load(std::memory_order_seq_cst) == 0) return;
  sleeper.store(0, std::memory_order_seq_cst);
  sleeper.notify_one();
}

// With `all_at_once` piece i is for thread i alone, and nobody rests.
void ThreadPool::Crew::share(std::size_t count, Pieces pieces, std::size_t workers, bool all_at_once) {
  exclusive_.store(all_at_once, std::memory_order_relaxed);
  gather(workers, all_at_once);
  if (crowding.possible()) processor_.store(platform::current_processor(), std::memory_order_relaxed);
  ++round_;
  begun_.fetch_add(count, std::memory_order_relaxed);
  const auto range = [&](std::size_t part) { return static_cast<std::uint16_t>(count * part / team_.size()); };
  // The caller's range is the first, but its ticket is the last: the others start while it is being written.
  for (std::size_t part = team_.size(); part-- > 0;) {
    publish(members[team_[part]], {round_, range(part), range(part + 1)}, pieces);
  }
  members[0].finished.fetch_add(do_pieces(0, round_, !all_at_once), std::memory_order_relaxed);
  finish();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

// Chooses who takes part: the caller, and those of the first `workers` threads that do not rest.
void ThreadPool::Crew::gather(std::size_t workers, bool all) noexcept {
  const std::int64_t now = !all && crowding.possible() ? clock_now() : 0;
  const bool may_rest = now != 0 && crowding.at(now);
  team_.resize(1);
  for (std::size_t i = 1; i < workers; ++i) {
    if (!may_rest || !members[i].pace.resting_at(now)) team_.push_back(i);
  }
}

bool ThreadPool::Crew::all_finished() const noexcept {
  std::uint64_t sum = 0;
  for (const Member& member : members) sum += member.finished.load(std::memory_order_seq_cst);
  return sum == begun_.load(std::memory_order_relaxed);
}

// All pieces have been taken; those that others have begun are waited for.
void ThreadPool::Crew::finish() noexcept {
  if (all_finished()) return;
  const std::int64_t start = clock_now(), spins = crowding.possible() ? std::min(spin, kCrowdedSpin) : spin;
  if (spin_until(start + spins, [&] { return all_finished(); })) return;
  while (true) {
    caller_sleeps_.store(1, std::memory_order_seq_cst);
    if (all_finished()) break;
    caller_sleeps_.wait(1, std::memory_order_acquire);
  }
  caller_sleeps_.store(0, std::memory_order_relaxed);
}

void ThreadPool::Crew::close() {
  closing_.store(true, std::memory_order_relaxed);
  ++round_;
  for (std::size_t i = 1; i <= threads.size(); ++i) publish(members[i], {round_, 0, 0}, {});
  for (auto& thread : threads) thread.join();
}

// --- Pieces, by any thread

std::optional<std::size_t> ThreadPool::Crew::take(Member& member, std::uint32_t round, bool own) noexcept {
  std::uint64_t word = member.ticket.load(std::memory_order_acquire);
  while (true) {
    Ticket left = Ticket::of(word);
    if (left.round != round || left.begin >= left.end) return std::nullopt;
    const std::size_t piece = own ? left.begin++ : --left.end;
    if (member.ticket.compare_exchange_weak(word, left.word(), std::memory_order_acq_rel)) return piece;
  }
}

void ThreadPool::Crew::attempt(const Pieces& pieces, std::size_t piece, std::size_t worker) noexcept {
  try {
    pieces.call(pieces.work, piece, static_cast<int>(worker));
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
}

// The thread's own pieces, then what others have not begun. Returns how many it did, if it is the caller; the others
// count theirs one by one, since the caller may be waiting for them.
std::size_t ThreadPool::Crew::do_pieces(std::size_t index, std::uint32_t round, bool steals) {
  Member& own = members[index];
  const bool is_caller = index == 0;
  std::size_t done = 0;
  for (std::size_t offset = 0; offset < (steals ? members.size() : 1); ++offset) {
    Member& owner = members[(index + offset) % members.size()];
    while (const auto piece = take(owner, round, offset == 0)) {
      attempt(owner.pieces, *piece, index);
      ++done;
      if (is_caller) continue;
      own.pace.count_piece();
      own.finished.fetch_add(1, std::memory_order_seq_cst);
      if (caller_sleeps_.load(std::memory_order_seq_cst) != 0 && all_finished()) wake(caller_sleeps_);
      if (crowding.possible() && own.pace.tired(clock_now())) return done;
    }
  }
  return done;
}

// --- The life of a thread

std::uint32_t ThreadPool::Crew::wait_for_round(Member& own, std::uint32_t seen) noexcept {
  const auto round = [&] { return Ticket::of(own.ticket.load(std::memory_order_seq_cst)).round; };
  const std::int64_t start = clock_now();
  own.pace.look(start, crowding);
  const bool crowded = crowding.at(start);
  const bool rests = crowded && own.pace.tired(start);
  if (rests) own.pace.rest(start);
  const std::int64_t spins = rests ? 0 : crowded ? std::min(spin, kCrowdedSpin) : spin;
  if (spin_until(start + spins, [&] { return round() != seen; })) return round();
  while (round() == seen) {
    own.asleep.store(1, std::memory_order_seq_cst);
    if (round() != seen) break;
    own.asleep.wait(1, std::memory_order_acquire);
  }
  own.asleep.store(0, std::memory_order_relaxed);
  settle(own);
  return round();
}

// The system often wakes a thread on the processor of the one that wakes it. Where no processor is free, that would set
// the caller aside.
void ThreadPool::Crew::settle(Member& own) noexcept {
  const std::int64_t now = clock_now();
  const bool crowded = crowding.at(now);
  const int processor = platform::current_processor();
  if (crowded && processor == processor_.load(std::memory_order_relaxed)) {
    platform::avoid_processor(processor);
    own.keeps_away = true;
  } else if (!crowded && own.keeps_away) {
    platform::avoid_processor(-1);
    own.keeps_away = false;
  }
  own.pace.wake(now);
}

void ThreadPool::Crew::serve(std::size_t index) {
  Member& own = members[index];
  own.pace.wake(clock_now());
  for (std::uint32_t seen = 0;;) {
    seen = wait_for_round(own, seen);
    if (closing_.load(std::memory_order_relaxed)) return;
    do_pieces(index, seen, !exclusive_.load(std::memory_order_relaxed));
  }
}

// --- The pool

void pin_new_threads(bool pin) { pins = pin; }

int default_thread_count() { return platform::usable_processors(); }

ThreadPool::ThreadPool(int threads)
    : threads_(threads > 0 ? threads : default_thread_count()), crew_(std::make_unique<Crew>(threads_)) {
  // More threads than processors cannot all come while one of them spins.
  if (threads_ > default_thread_count()) crew_->spin = 0;
  const bool pin = pins && threads_ <= default_thread_count();
  for (int index = 1; index < threads_; ++index) {
    try {
      crew_->threads.emplace_back([crew = crew_.get(), index, pin] {
        if (pin) platform::pin_thread(index);
        crew->serve(static_cast<std::size_t>(index));
      });
    } catch (const std::system_error&) {
      threads_ = index;  // the system gives no more: those that there are do the work
    }
  }
}

ThreadPool::~ThreadPool() { crew_->close(); }

void ThreadPool::share_pieces(std::size_t count, Pieces pieces, int workers) {
  const int most = workers > 0 ? std::min(workers, threads_) : threads_;
  if (most == 1 || count <= 1) {
    for (std::size_t piece = 0; piece < count; ++piece) pieces.call(pieces.work, piece, 0);
    return;
  }
  const std::size_t team = std::min<std::size_t>(static_cast<std::size_t>(most), count);
  if (count <= Ticket::kMostPieces) return crew_->share(count, pieces, team, false);
  // More pieces than a ticket can count: neighbours become one.
  const std::size_t group = (count + Ticket::kMostPieces - 1) / Ticket::kMostPieces;
  const auto grouped = [&](std::size_t index, int worker) {
    const std::size_t end = std::min(count, (index + 1) * group);
    for (std::size_t piece = index * group; piece < end; ++piece) pieces.call(pieces.work, piece, worker);
  };
  share((count + group - 1) / group, grouped, workers);
}

void ThreadPool::parallel_for(std::size_t count, const std::function<void(std::size_t, std::size_t)>& work) {
  const std::size_t parts = std::min<std::size_t>(count, static_cast<std::size_t>(threads_));
  share(parts, [&](std::size_t part, int) { work(count * part / parts, count * (part + 1) / parts); });
}

void ThreadPool::for_each_task(std::size_t count, const std::function<void(std::size_t)>& work) {
  share(count, [&](std::size_t task, int) { work(task); });
}

void ThreadPool::run(const std::function<void(int)>& work) {
  if (threads_ == 1) return work(0);
  const auto call = [](const void* task, std::size_t, int worker) {
    (*static_cast<const std::function<void(int)>*>(task))(worker);
  };
  crew_->share(static_cast<std::size_t>(threads_), {call, &work}, static_cast<std::size_t>(threads_), true);
}

bool ThreadPool::crowded() const { return crew_->crowding.possible(); }

}  // namespace continuo
