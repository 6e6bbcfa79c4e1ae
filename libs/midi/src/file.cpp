#include "continuo/midi/file.h"

#include <algorithm>

namespace continuo::midi {
namespace {

bool same_event(const File& file_a, const Event& a, const File& file_b, const Event& b) {
  if (a.time != b.time || a.status != b.status || a.data1 != b.data1 || a.data2 != b.data2) return false;
  return a.is_channel_message() || std::ranges::equal(file_a.payload(a), file_b.payload(b));
}

}  // namespace

std::span<const std::uint8_t> File::payload(const Event& event) const {
  if (event.is_channel_message()) return {};
  const Extent& extent = payloads_[event.payload];
  return std::span(payload_bytes_).subspan(extent.offset, extent.size);
}

EventView File::view(const Event& event) const {
  return {event.time, event.status, event.data1, event.data2, payload(event)};
}

std::uint32_t File::store(std::span<const std::uint8_t> payload) {
  payloads_.push_back({payload_bytes_.size(), payload.size()});
  payload_bytes_.insert(payload_bytes_.end(), payload.begin(), payload.end());
  return static_cast<std::uint32_t>(payloads_.size() - 1);
}

Event File::channel_message(std::int64_t time, EventKind kind, int channel, int data1, int data2) {
  return {time, static_cast<std::uint8_t>(static_cast<int>(kind) | channel), static_cast<std::uint8_t>(data1),
          static_cast<std::uint8_t>(data2), 0};
}

Event File::meta(std::int64_t time, std::uint8_t type, std::span<const std::uint8_t> payload) {
  return {time, 0xFF, type, 0, store(payload)};
}

Event File::meta(std::int64_t time, std::uint8_t type, std::string_view text) {
  return meta(time, type, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Event File::sysex(std::int64_t time, EventKind kind, std::span<const std::uint8_t> payload) {
  return {time, static_cast<std::uint8_t>(kind), 0, 0, store(payload)};
}

bool operator==(const File& a, const File& b) {
  if (a.header != b.header) return false;
  return std::ranges::equal(a.tracks, b.tracks, [&](const TrackChunk& x, const TrackChunk& y) {
    return x.end_time == y.end_time && std::ranges::equal(x.events, y.events, [&](const Event& e, const Event& f) {
             return same_event(a, e, b, f);
           });
  });
}

}  // namespace continuo::midi
