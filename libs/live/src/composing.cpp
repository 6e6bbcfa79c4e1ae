#include "continuo/live/composing.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

namespace continuo::live {

// Questions are numbered; an answer counts while its number is that of the last question.
struct ComposingThread::State {
  Compose compose;
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t asked = 0, begun = 0;
  bool is_closing = false;
  score::Score piece;
  std::optional<Result<score::Score>> result;
  std::thread thread;

  bool is_stale(std::uint64_t number) {
    const std::scoped_lock lock(mutex);
    return is_closing || number != asked;
  }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return is_closing || asked != begun; });
      if (is_closing) return;
      const std::uint64_t number = begun = asked;
      const score::Score given = std::move(piece);
      lock.unlock();
      Result<score::Score> composed = compose(given, [this, number] { return is_stale(number); });
      lock.lock();
      if (number == asked) result = std::move(composed);
    }
  }
};

ComposingThread::ComposingThread(Compose compose) : state_(std::make_unique<State>()) {
  state_->compose = std::move(compose);
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

ComposingThread::~ComposingThread() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->is_closing = true;
    state_->changed.notify_all();
  }
  state_->thread.join();
}

void ComposingThread::ask(score::Score piece) {
  const std::scoped_lock lock(state_->mutex);
  state_->piece = std::move(piece);
  state_->result.reset();
  ++state_->asked;
  state_->changed.notify_all();
}

std::optional<Result<score::Score>> ComposingThread::answer() {
  const std::scoped_lock lock(state_->mutex);
  return std::exchange(state_->result, std::nullopt);
}

}  // namespace continuo::live
