#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "continuo/midi/chunks.h"
#include "continuo/midi/diagnostics.h"
#include "continuo/midi/event.h"

namespace continuo::midi {

// Reads a track event by event, straight from the file's bytes; allocates nothing. Tolerant: what breaks the
// standard is read as Defect says, and noted. Channel messages come out with data within 0-127. The
// end-of-track event is not handed out.
class TrackReader {
 public:
  // `number` is the track's, for diagnostics.
  TrackReader(const TrackBytes& track, int number, Diagnostics& diagnostics)
      : begin_(track.bytes.data()),
        position_(begin_),
        end_(begin_ + track.bytes.size()),
        origin_(track.offset),
        number_(number),
        diagnostics_(diagnostics) {}

  // False at the end of the track.
  bool next(EventView& event) { return next_fast(event) || next_any(event); }

  // The time of the end-of-track event, or of the last event where there is none. Requires: next() has returned
  // false.
  std::int64_t end_time() const { return time_; }
  // The place of the next event in the file.
  std::size_t offset() const { return origin_ + static_cast<std::size_t>(position_ - begin_); }

 private:
  // Nearly all events of real files: a delta time of at most two bytes, and a sound message of two data bytes.
  // Changes nothing when it returns false.
  bool next_fast(EventView& event) {
    constexpr std::ptrdiff_t kLongest = 5;
    if (end_ - position_ < kLongest) return false;
    const std::uint8_t* p = position_;
    std::uint32_t delta = *p++;
    if (delta & 0x80U) {
      const std::uint32_t low = *p++;
      if (low & 0x80U) return false;
      delta = (delta & 0x7FU) << 7 | low;
    }
    std::uint8_t status = running_status_;
    if (*p & 0x80U) status = *p++;
    if (status < 0x80 || status >= 0xF0 || data_bytes(status) != 2 || ((p[0] | p[1]) & 0x80)) return false;
    time_ += delta;
    running_status_ = status;
    event = {time_, status, p[0], p[1], {}};
    position_ = p + 2;
    return true;
  }

  bool next_any(EventView& event);
  bool read_channel_message(std::uint8_t status, EventView& event);
  bool read_meta(EventView& event);
  bool read_sysex(std::uint8_t status, EventView& event);
  bool skip_system_message(std::uint8_t status);
  bool read_number(std::uint32_t& value);
  bool read_payload(EventView& event);
  void note(Defect defect) { diagnostics_.add(defect, offset(), number_); }
  // Ends the track here.
  bool stop(Defect defect);

  const std::uint8_t* begin_;
  const std::uint8_t* position_;
  const std::uint8_t* end_;
  std::size_t origin_;
  int number_;
  Diagnostics& diagnostics_;
  std::int64_t time_ = 0;
  std::uint8_t running_status_ = 0;    // 0: none
  std::uint8_t cancelled_status_ = 0;  // the running status that a meta or sysex event ended
  bool ended_ = false;                 // by an end-of-track event or a defect
};

}  // namespace continuo::midi
