#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "continuo/midi/chunks.h"
#include "continuo/midi/event.h"

namespace continuo::midi {

// One track, its end-of-track event expressed by end_time. Times never fall, and none is later than end_time.
struct TrackChunk {
  std::vector<Event> events;
  std::int64_t end_time = 0;
};

// A Standard MIDI File as its events, nothing interpreted. A copy costs 16 bytes per event.
class File {
 public:
  Header header;
  std::vector<TrackChunk> tracks;

  // The bytes of a meta or sysex event of this file, without its length.
  std::span<const std::uint8_t> payload(const Event& event) const;
  EventView view(const Event& event) const;

  static Event channel_message(std::int64_t time, EventKind kind, int channel, int data1, int data2 = 0);
  Event meta(std::int64_t time, std::uint8_t type, std::span<const std::uint8_t> payload);
  Event meta(std::int64_t time, std::uint8_t type, std::string_view text);
  // kind: sysex (the payload ends with F7 unless packets follow) or sysex_continued.
  Event sysex(std::int64_t time, EventKind kind, std::span<const std::uint8_t> payload);

  // Compares payloads by content.
  friend bool operator==(const File& a, const File& b);

 private:
  struct Extent {
    std::size_t offset;
    std::size_t size;
  };
  std::uint32_t store(std::span<const std::uint8_t> payload);

  std::vector<std::uint8_t> payload_bytes_;
  std::vector<Extent> payloads_;
};

}  // namespace continuo::midi
