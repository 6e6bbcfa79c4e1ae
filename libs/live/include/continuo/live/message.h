#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "continuo/midi/event.h"

namespace continuo::live {

// A moment of a monotonic clock. What it counts from is for the caller to choose.
using Time = std::chrono::nanoseconds;

inline Time from_seconds(double seconds) {
  return std::chrono::duration_cast<Time>(std::chrono::duration<double>(seconds));
}
inline double to_seconds(Time time) { return std::chrono::duration<double>(time).count(); }
// The monotonic clock of the system.
inline Time now() { return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now().time_since_epoch()); }

// A MIDI channel message: a status byte and one or two of data. Source: MIDI 1.0 Detailed Specification, table I.
struct Message {
  std::array<std::uint8_t, 3> bytes{};
  std::uint8_t size = 0;

  static Message note_on(int channel, int pitch, int velocity) {
    return make(midi::EventKind::note_on, channel, pitch, velocity);
  }
  static Message note_off(int channel, int pitch, int velocity = 64) {
    return make(midi::EventKind::note_off, channel, pitch, velocity);
  }
  static Message control(int channel, int controller, int value) {
    return make(midi::EventKind::control_change, channel, controller, value);
  }
  static Message program(int channel, int program) {
    return make(midi::EventKind::program_change, channel, program, 0);
  }
  // Range: value 0 to 16383, 8192 is centre.
  static Message bend(int channel, int value) {
    return make(midi::EventKind::pitch_bend, channel, value & 127, value >> 7);
  }

  std::span<const std::uint8_t> view() const { return std::span(bytes).first(size); }
  midi::EventKind kind() const { return static_cast<midi::EventKind>(bytes[0] & 0xF0); }
  std::uint8_t channel() const { return bytes[0] & 0x0F; }
  Message on_channel(int other) const {
    Message moved = *this;
    moved.bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0xF0) | other);
    return moved;
  }
  bool starts_note() const { return kind() == midi::EventKind::note_on && bytes[2] > 0; }
  bool ends_note() const {
    return kind() == midi::EventKind::note_off || (kind() == midi::EventKind::note_on && bytes[2] == 0);
  }
  // Of General MIDI's channel 10.
  bool is_for_drums() const { return channel() == 9; }
  friend bool operator==(const Message&, const Message&) = default;

 private:
  static Message make(midi::EventKind kind, int channel, int first, int second) {
    const auto status = static_cast<std::uint8_t>(static_cast<int>(kind) | channel);
    return {{status, static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second)},
            static_cast<std::uint8_t>(1 + midi::data_bytes(status))};
  }
};

struct TimedMessage {
  Time at{};
  Message message;
  friend bool operator==(const TimedMessage&, const TimedMessage&) = default;
};

}  // namespace continuo::live
