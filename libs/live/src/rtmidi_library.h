#pragma once

#include <rtmidi/rtmidi_c.h>

#include "continuo/base/result.h"

namespace continuo::live {

// What we use of RtMidi, by its own names less "rtmidi_". It is loaded with the first port that is asked for, since it
// needs the libraries of ALSA and JACK, which a machine without sound does not have (ADR 0007).
struct RtMidiLibrary {
  decltype(&::rtmidi_in_create) in_create = nullptr;
  decltype(&::rtmidi_in_free) in_free = nullptr;
  decltype(&::rtmidi_in_set_callback) in_set_callback = nullptr;
  decltype(&::rtmidi_out_create) out_create = nullptr;
  decltype(&::rtmidi_out_free) out_free = nullptr;
  decltype(&::rtmidi_out_send_message) out_send_message = nullptr;
  decltype(&::rtmidi_open_port) open_port = nullptr;
  decltype(&::rtmidi_open_virtual_port) open_virtual_port = nullptr;
  decltype(&::rtmidi_get_port_count) get_port_count = nullptr;
  decltype(&::rtmidi_get_port_name) get_port_name = nullptr;

  // Loaded once, thread-safe. Errors: not_found, unsupported (a library without one of these).
  static Result<const RtMidiLibrary*> get();
};

}  // namespace continuo::live
