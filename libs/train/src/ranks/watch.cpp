#include "ranks/watch.h"

#include <exception>
#include <utility>

namespace continuo::train {
namespace {

constexpr std::chrono::milliseconds kInterval(500), kNap(50);

}  // namespace

Watch::Watch(int rank, int size, std::chrono::milliseconds limit, Beats beats, Lost lost)
    : rank_(rank), size_(size), limit_(limit), lost_(std::move(lost)) {
  follower_ = std::thread([this, beats = std::move(beats)] { follow(beats); });
  guard_ = std::thread([this] { guard(); });
}

Watch::~Watch() {
  stop();
  follower_.join();
  guard_.join();
}

void Watch::report(int rank) {
  if (!is_over_.exchange(true)) lost_(rank);
}

void Watch::follow(Beats beats) {
  struct Seen {
    std::int64_t number = -1;
    Clock::time_point since = Clock::now();
  };
  std::vector<Seen> seen(static_cast<std::size_t>(size_));
  while (!is_over_) {
    const auto begin = Clock::now();
    try {
      beats.beat();
      for (int rank = 0; rank < size_ && !is_over_; ++rank) {
        Seen& last = seen[static_cast<std::size_t>(rank)];
        const std::int64_t number = rank == rank_ ? last.number + 1 : beats.read(rank);
        const auto now = Clock::now();
        if (number != last.number) last = {number, now};
        if (now - last.since > limit_) return report(rank);
      }
      answered_ = Clock::now();
    } catch (const std::exception&) {
      return report(0);
    }
    while (!is_over_ && Clock::now() - begin < kInterval) std::this_thread::sleep_for(kNap);
  }
}

void Watch::guard() {
  while (!is_over_) {
    std::this_thread::sleep_for(kNap);
    if (Clock::now() - answered_.load() > limit_) report(0);
  }
}

}  // namespace continuo::train
