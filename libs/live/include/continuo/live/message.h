#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

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

  static Message note_on(int channel, int pitch, int velocity) { return make(0x90, channel, pitch, velocity); }
  static Message note_off(int channel, int pitch, int velocity = 64) { return make(0x80, channel, pitch, velocity); }
  static Message control(int channel, int controller, int value) { return make(0xB0, channel, controller, value); }
  static Message program(int channel, int program) {
    Message message = make(0xC0, channel, program, 0);
    message.size = 2;
    return message;
  }
  // Range: value 0 to 16383, 8192 is centre.
  static Message bend(int channel, int value) { return make(0xE0, channel, value & 127, value >> 7); }

  std::span<const std::uint8_t> view() const { return std::span(bytes).first(size); }
  std::uint8_t kind() const { return bytes[0] & 0xF0; }
  std::uint8_t channel() const { return bytes[0] & 0x0F; }
  Message on_channel(int other) const {
    Message moved = *this;
    moved.bytes[0] = static_cast<std::uint8_t>(kind() | other);
    return moved;
  }
  bool starts_note() const { return kind() == 0x90 && bytes[2] > 0; }
  bool ends_note() const { return kind() == 0x80 || (kind() == 0x90 && bytes[2] == 0); }
  friend bool operator==(const Message&, const Message&) = default;

 private:
  static Message make(int status, int channel, int first, int second) {
    return {{static_cast<std::uint8_t>(status | channel), static_cast<std::uint8_t>(first),
             static_cast<std::uint8_t>(second)},
            3};
  }
};

struct TimedMessage {
  Time at{};
  Message message;
  friend bool operator==(const TimedMessage&, const TimedMessage&) = default;
};

}  // namespace continuo::live
