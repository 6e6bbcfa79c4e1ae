#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/live/message.h"
#include "continuo/live/output.h"

namespace continuo::live {

enum class Direction { kIn, kOut };

// A MIDI port of another program or a device, as ALSA or JACK has it.
struct Port {
  std::string_view system;  // "ALSA", "JACK"
  std::string name;         // as that system shows it
  Direction direction{};    // kIn: it can be heard; kOut: it can be played to
};

// Of every system that runs. Empty where none does. Errors: not_found (RtMidi is not installed).
Result<std::vector<Port>> list_ports();

// A port to play to: the one whose name contains `name`, whatever the case of letters. An empty name makes a port of
// our own, called "Continuo out" ("Continuo in" to listen to), which others can be connected to.
// Errors: not_found (no such port, no system, no RtMidi), invalid_argument (several ports, none of just that name).
Result<std::unique_ptr<Output>> open_output(const std::string& name);

// A port that is heard for as long as this lives. Not copyable.
class Input {
 public:
  virtual ~Input() = default;
};
// Calls `hear` for each channel message, with the time at which it came, from a thread of the system's: it must not
// wait for long. Names and errors are those of open_output().
Result<std::unique_ptr<Input>> open_input(const std::string& name, std::function<void(const TimedMessage&)> hear);

}  // namespace continuo::live
