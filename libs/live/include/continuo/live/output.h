#pragma once

#include "continuo/base/result.h"
#include "continuo/live/message.h"

namespace continuo::live {

// What plays messages the moment it gets them: a MIDI port, a synthesiser, or nothing. Calls come from one thread at a
// time.
class Output {
 public:
  virtual ~Output() = default;
  // Errors: io (the receiver is gone).
  virtual Status send(const Message& message) = 0;
};

// Plays nothing: what is sent to it shows whether it came in time.
class NullOutput final : public Output {
 public:
  Status send(const Message&) override { return {}; }
};

}  // namespace continuo::live
