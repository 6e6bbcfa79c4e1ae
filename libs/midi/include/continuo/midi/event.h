#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace continuo::midi {

// Source: MIDI 1.0 Detailed Specification, table I; the low four bits of a channel message hold the channel.
enum class EventKind : std::uint8_t {
  note_off = 0x80,
  note_on = 0x90,
  poly_pressure = 0xA0,
  control_change = 0xB0,
  program_change = 0xC0,
  channel_pressure = 0xD0,
  pitch_bend = 0xE0,
  sysex = 0xF0,
  sysex_continued = 0xF7,  // a later packet of a message, or any bytes to be sent as they are
  meta = 0xFF,
};
std::string_view to_string(EventKind kind);

// Source: Standard MIDI Files 1.0, "Meta-Events".
namespace meta {
inline constexpr std::uint8_t kSequenceNumber = 0x00;
inline constexpr std::uint8_t kText = 0x01;
inline constexpr std::uint8_t kCopyright = 0x02;
inline constexpr std::uint8_t kTrackName = 0x03;
inline constexpr std::uint8_t kInstrumentName = 0x04;
inline constexpr std::uint8_t kLyric = 0x05;
inline constexpr std::uint8_t kMarker = 0x06;
inline constexpr std::uint8_t kCuePoint = 0x07;
inline constexpr std::uint8_t kChannelPrefix = 0x20;
inline constexpr std::uint8_t kPortPrefix = 0x21;
inline constexpr std::uint8_t kEndOfTrack = 0x2F;
inline constexpr std::uint8_t kTempo = 0x51;
inline constexpr std::uint8_t kSmpteOffset = 0x54;
inline constexpr std::uint8_t kTimeSignature = 0x58;
inline constexpr std::uint8_t kKeySignature = 0x59;
inline constexpr std::uint8_t kSequencerSpecific = 0x7F;
}  // namespace meta

// One event in a file's bytes: the payload of a meta or sysex event points into the file's bytes.
struct EventView {
  std::int64_t time = 0;    // ticks from the start of the track
  std::uint8_t status = 0;  // as in the file, channel included; never a running one
  std::uint8_t data1 = 0;   // of a meta event its type
  std::uint8_t data2 = 0;
  std::span<const std::uint8_t> payload;

  EventKind kind() const { return static_cast<EventKind>(status < 0xF0 ? status & 0xF0 : status); }
  bool is_channel_message() const { return status < 0xF0; }
  int channel() const { return status & 0x0F; }
  bool is_meta(std::uint8_t type) const { return status == 0xFF && data1 == type; }
};

// The same, stored: 16 bytes, with the payload kept by the File that the event belongs to.
struct Event {
  std::int64_t time = 0;
  std::uint8_t status = 0;
  std::uint8_t data1 = 0;
  std::uint8_t data2 = 0;
  std::uint32_t payload = 0;  // of a meta or sysex event: its number in File; otherwise 0

  EventKind kind() const { return static_cast<EventKind>(status < 0xF0 ? status & 0xF0 : status); }
  bool is_channel_message() const { return status < 0xF0; }
  int channel() const { return status & 0x0F; }
};

// Data bytes that follow the status of a channel message. Requires: 0x80 <= status < 0xF0.
constexpr int data_bytes(std::uint8_t status) { return (status & 0xE0) == 0xC0 ? 1 : 2; }

}  // namespace continuo::midi
