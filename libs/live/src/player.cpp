#include "continuo/live/player.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "continuo/base/platform/platform.h"
#include "continuo/live/held_notes.h"

namespace continuo::live {
namespace {

std::chrono::steady_clock::time_point point(Time time) {
  return std::chrono::steady_clock::time_point(std::chrono::duration_cast<std::chrono::steady_clock::duration>(time));
}

}  // namespace

// The thread holds the lock but while it waits and while it sends: add() never waits for a slow receiver.
struct Player::State {
  explicit State(std::shared_ptr<Output> to) : output(std::move(to)) {}

  const std::shared_ptr<Output> output;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::multimap<Time, Message> due;  // equal times in the order in which they were added
  HeldNotes held;
  Punctuality punctuality;
  std::optional<Error> error;
  bool is_sending = false, is_stopped = false, has_ended = false;
  std::thread thread;

  bool done() const { return error || is_stopped || (due.empty() && !is_sending); }

  void send(const Message& message, std::unique_lock<std::mutex>& lock) {
    is_sending = true;
    lock.unlock();
    const Status sent = output->send(message);
    lock.lock();
    is_sending = false;
    held.watch(message);
    if (!sent.ok() && !error) error = sent.error();
  }

  void note_delay(const Message& message, Time delay) {
    if (!message.starts_note()) return;
    ++punctuality.notes;
    punctuality.late += std::size_t(delay > Punctuality::kLate);
    punctuality.worst = std::max(punctuality.worst, delay);
  }

  void run() {
    platform::prefer_this_thread();
    std::unique_lock lock(mutex);
    while (!is_stopped && !error) {
      if (due.empty()) {
        changed.notify_all();
        changed.wait(lock, [&] { return is_stopped || !due.empty(); });
        continue;
      }
      const auto next = due.begin();
      if (const Time at = next->first; at > now()) {
        changed.wait_until(lock, point(at), [&] { return is_stopped || due.begin()->first < at; });
        continue;
      }
      const Message message = next->second;
      note_delay(message, now() - next->first);
      due.erase(next);
      send(message, lock);
    }
    for (const Message& message : held.release()) send(message, lock);
    due.clear();
    has_ended = true;
    changed.notify_all();
  }
};

Player::Player(std::shared_ptr<Output> output) : state_(std::make_shared<State>(std::move(output))) {
  state_->thread = std::thread([state = state_] { state->run(); });
}
Player::~Player() { (void)stop(); }

void Player::add(std::span<const TimedMessage> messages) {
  const std::scoped_lock lock(state_->mutex);
  for (const TimedMessage& timed : messages) state_->due.emplace(timed.at, timed.message);
  state_->changed.notify_all();
}

bool Player::done() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->done();
}

bool Player::has_failed() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->error.has_value();
}

void Player::wait(Time until) const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_until(lock, point(until), [&] { return state_->done(); });
}

Punctuality Player::punctuality() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->punctuality;
}

Status Player::stop() {
  constexpr std::chrono::seconds kPatience(1);
  std::unique_lock lock(state_->mutex);
  if (!state_->thread.joinable()) return state_->error ? Status(*state_->error) : Status();  // stopped before
  state_->is_stopped = true;
  state_->changed.notify_all();
  const bool has_ended = state_->changed.wait_for(lock, kPatience, [&] { return state_->has_ended; });
  if (!has_ended && !state_->error)
    state_->error = Error{ErrorCode::io, "what plays takes no messages any more", {}, {}};
  const std::optional<Error> error = state_->error;  // a thread that is left alone may find another
  lock.unlock();
  has_ended ? state_->thread.join() : state_->thread.detach();
  if (error) return *error;
  return {};
}

}  // namespace continuo::live
