#include "continuo/midi/writer.h"

#include <string>
#include <string_view>

namespace continuo::midi {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t kLongestDelta = 0x0FFFFFFF;

void put_be(Bytes& out, std::uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_id(Bytes& out, std::string_view id) { out.insert(out.end(), id.begin(), id.end()); }

void put_number(Bytes& out, std::uint32_t value) {
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift) out.push_back(static_cast<std::uint8_t>(0x80U | (value >> shift & 0x7FU)));
  }
  out.push_back(static_cast<std::uint8_t>(value & 0x7FU));
}

Error cannot_hold(const std::string& what, std::size_t track) {
  return Error{ErrorCode::invalid_argument, what, "track " + std::to_string(track), ""};
}

class TrackWriter {
 public:
  TrackWriter(Bytes& out, const File& file, const WriteOptions& options) : out_(out), file_(file), options_(options) {}

  // nullptr, or what the format cannot hold.
  const char* put(const Event& event) {
    if (event.time < time_) return "an event is earlier than the one before it";
    if (event.is_channel_message()) return put_channel_message(event);
    if (event.kind() != EventKind::meta && event.kind() != EventKind::sysex &&
        event.kind() != EventKind::sysex_continued) {
      return "an event of no known kind";
    }
    if (event.kind() == EventKind::meta && (event.data1 == meta::kEndOfTrack || event.data1 > 127)) {
      return "a meta event of a type that cannot be written";
    }
    const std::span<const std::uint8_t> payload = file_.payload(event);
    if (payload.size() > static_cast<std::size_t>(kLongestDelta)) return "a payload of more than 256 MiB";
    put_delta(event.time);
    out_.push_back(event.status);
    if (event.kind() == EventKind::meta) out_.push_back(event.data1);
    put_number(out_, static_cast<std::uint32_t>(payload.size()));
    out_.insert(out_.end(), payload.begin(), payload.end());
    running_status_ = 0;
    return nullptr;
  }

  const char* put_end(std::int64_t time) {
    if (time < time_) return "the track ends before its last event";
    put_delta(time);
    put_id(out_, std::string_view("\xFF\x2F\0", 3));
    return nullptr;
  }

 private:
  const char* put_channel_message(const Event& event) {
    if (event.status < 0x80) return "an event without a status";
    if (event.data1 > 127 || event.data2 > 127) return "a data byte above 127";
    put_delta(event.time);
    if (!options_.running_status || event.status != running_status_) out_.push_back(event.status);
    out_.push_back(event.data1);
    if (data_bytes(event.status) == 2) out_.push_back(event.data2);
    running_status_ = event.status;
    return nullptr;
  }

  void put_delta(std::int64_t time) {
    for (; time - time_ > kLongestDelta; time_ += kLongestDelta) {
      put_number(out_, static_cast<std::uint32_t>(kLongestDelta));
      put_id(out_, std::string_view("\xFF\x01\0", 3));
      running_status_ = 0;
    }
    put_number(out_, static_cast<std::uint32_t>(time - time_));
    time_ = time;
  }

  Bytes& out_;
  const File& file_;
  const WriteOptions& options_;
  std::int64_t time_ = 0;
  std::uint8_t running_status_ = 0;
};

Status put_track(Bytes& out, const File& file, std::size_t number, const WriteOptions& options) {
  const TrackChunk& track = file.tracks[number];
  put_id(out, "MTrk");
  put_be(out, 0, 4);
  const std::size_t start = out.size();
  TrackWriter writer(out, file, options);
  for (const Event& event : track.events) {
    if (const char* what = writer.put(event)) return cannot_hold(what, number);
  }
  if (const char* what = writer.put_end(track.end_time)) return cannot_hold(what, number);
  const std::size_t size = out.size() - start;
  if (size > 0xFFFFFFFFU) return cannot_hold("a track of more than 4 GiB", number);
  for (std::size_t i = 0; i < 4; ++i) out[start - 1 - i] = static_cast<std::uint8_t>(size >> (8 * i));
  return {};
}

}  // namespace

Result<Bytes> write(const File& file, const WriteOptions& options) {
  const Header& header = file.header;
  if (header.format < 0 || header.format > 2) return cannot_hold("a format that is none of 0, 1 and 2", 0);
  if (file.tracks.size() > kMostTracks) return cannot_hold("more than 65535 tracks", kMostTracks);
  Bytes out;
  put_id(out, "MThd");
  put_be(out, 6, 4);
  put_be(out, static_cast<std::uint64_t>(header.format), 2);
  put_be(out, file.tracks.size(), 2);
  put_be(out, header.division.raw, 2);
  for (std::size_t i = 0; i < file.tracks.size(); ++i) CONTINUO_TRY(put_track(out, file, i, options));
  return out;
}

}  // namespace continuo::midi
