#include "continuo/midi/event.h"

namespace continuo::midi {

std::string_view to_string(EventKind kind) {
  switch (kind) {
    case EventKind::note_off:
      return "note_off";
    case EventKind::note_on:
      return "note_on";
    case EventKind::poly_pressure:
      return "poly_pressure";
    case EventKind::control_change:
      return "control_change";
    case EventKind::program_change:
      return "program_change";
    case EventKind::channel_pressure:
      return "channel_pressure";
    case EventKind::pitch_bend:
      return "pitch_bend";
    case EventKind::sysex:
      return "sysex";
    case EventKind::sysex_continued:
      return "sysex_continued";
    case EventKind::meta:
      return "meta";
  }
  return "unknown";
}

}  // namespace continuo::midi
