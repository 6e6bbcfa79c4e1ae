#include "continuo/midi/track_reader.h"

#include <algorithm>

namespace continuo::midi {
namespace {

// Data bytes of system messages, which files may only hold inside an F7 event; -1 for a status that means
// nothing. Source: MIDI 1.0, tables V and VI.
std::ptrdiff_t system_data_bytes(std::uint8_t status) {
  switch (status) {
    case 0xF1:
      return 1;  // time code quarter frame
    case 0xF2:
      return 2;  // song position
    case 0xF3:
      return 1;  // song select
    case 0xF4:
    case 0xF5:
    case 0xF9:
    case 0xFD:
      return -1;
    default:
      return 0;
  }
}

constexpr std::uint8_t kFirstRealTime = 0xF8;  // these leave running status alone

}  // namespace

bool TrackReader::stop(Defect defect) {
  note(defect);
  ended_ = true;
  position_ = end_;
  return false;
}

bool TrackReader::read_number(std::uint32_t& value) {
  value = 0;
  for (int i = 0; i < 4; ++i) {
    if (position_ == end_) return stop(Defect::truncated_event);
    const std::uint8_t byte = *position_++;
    value = value << 7 | (byte & 0x7FU);
    if (byte < 0x80) return true;
  }
  return stop(Defect::overlong_number);
}

bool TrackReader::read_payload(EventView& event) {
  std::uint32_t size = 0;
  if (!read_number(size)) return false;
  if (static_cast<std::size_t>(end_ - position_) < size) return stop(Defect::truncated_event);
  event.payload = {position_, size};
  position_ += size;
  return true;
}

bool TrackReader::read_channel_message(std::uint8_t status, EventView& event) {
  const int count = data_bytes(status);
  if (end_ - position_ < count) return stop(Defect::truncated_event);
  event = {time_, status, position_[0], count == 2 ? position_[1] : std::uint8_t{0}, {}};
  if ((event.data1 | event.data2) & 0x80) {
    note(Defect::data_out_of_range);
    event.data1 = std::min<std::uint8_t>(event.data1, 127);
    event.data2 = std::min<std::uint8_t>(event.data2, 127);
  }
  position_ += count;
  running_status_ = status;
  return true;
}

bool TrackReader::read_meta(EventView& event) {
  if (position_ == end_) return stop(Defect::truncated_event);
  event = {time_, 0xFF, *position_++, 0, {}};
  if (event.data1 == meta::kEndOfTrack) {
    // Its length is 0; what follows in the chunk is not music, whatever it is.
    if (position_ != end_) ++position_;
    if (position_ != end_) note(Defect::bytes_after_end_of_track);
    ended_ = true;
    position_ = end_;
    return false;
  }
  return read_payload(event);
}

bool TrackReader::read_sysex(std::uint8_t status, EventView& event) {
  event = {time_, status, 0, 0, {}};
  return read_payload(event);
}

bool TrackReader::skip_system_message(std::uint8_t status) {
  const std::ptrdiff_t count = system_data_bytes(status);
  if (count < 0) return stop(Defect::undefined_status);
  note(Defect::stray_system_message);
  position_ += std::min(count, end_ - position_);
  return true;
}

bool TrackReader::next_any(EventView& event) {
  while (position_ != end_) {
    std::uint32_t delta = 0;
    if (!read_number(delta)) return false;
    if (position_ == end_) return stop(Defect::truncated_event);
    time_ += delta;

    if (*position_ < 0x80) {
      if (running_status_ == 0) {
        if (cancelled_status_ == 0) return stop(Defect::no_running_status);
        note(Defect::running_status_after_meta);
        running_status_ = cancelled_status_;
      }
      return read_channel_message(running_status_, event);
    }
    const std::uint8_t status = *position_++;
    if (status < 0xF0) return read_channel_message(status, event);
    if (status < kFirstRealTime || status == 0xFF) {
      if (running_status_ != 0) cancelled_status_ = running_status_;
      running_status_ = 0;
    }
    if (status == 0xFF) return read_meta(event);
    if (status == 0xF0 || status == 0xF7) return read_sysex(status, event);
    if (!skip_system_message(status)) return false;
  }
  if (!ended_) note(Defect::no_end_of_track);
  ended_ = true;
  return false;
}

}  // namespace continuo::midi
