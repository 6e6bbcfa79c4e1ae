#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "continuo/base/result.h"
#include "continuo/live/message.h"
#include "continuo/live/output.h"

namespace continuo::live {

// How punctual notes were. A note counts by its beginning.
struct Punctuality {
  static constexpr Time kLate = std::chrono::milliseconds(5);  // later than that, a listener may notice
  std::size_t notes = 0, late = 0;
  Time worst{};  // the greatest delay
};

// Sends messages when they are due, from a thread of its own, which asks the system to be run before others. However
// it ends, no note is left sounding. Thread-safe; not copyable.
class Player {
 public:
  explicit Player(std::shared_ptr<Output> output);
  ~Player();  // stop()
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  // Times are those of now(). What is due at once or was due before is sent at once; of messages of one time, those
  // that were added first come first.
  void add(std::span<const TimedMessage> messages);
  void add(const TimedMessage& message) { add(std::span(&message, 1)); }
  // Nothing is left to be sent, or the output has failed.
  bool done() const;
  // The output has failed; stop() has the reason.
  bool has_failed() const;
  // Waits until done() or `until`, whichever comes first.
  void wait(Time until) const;
  Punctuality punctuality() const;
  // Forgets what is not yet sent and ends all that sounds. Nothing is sent afterwards. An output that takes no messages
  // for a second is left to its thread. Errors: those of the output, of any message so far; io (such an output).
  Status stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace continuo::live
