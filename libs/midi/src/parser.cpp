#include "continuo/midi/parser.h"

#include "continuo/midi/track_reader.h"

namespace continuo::midi {
namespace {

// Running status makes the common event 3 bytes long, without it 4.
constexpr std::size_t kUsualEventBytes = 4;

Event stored(const EventView& event, File& file) {
  if (event.is_channel_message()) return {event.time, event.status, event.data1, event.data2, 0};
  if (event.kind() == EventKind::meta) return file.meta(event.time, event.data1, event.payload);
  return file.sysex(event.time, event.kind(), event.payload);
}

}  // namespace

Result<File> parse(std::span<const std::uint8_t> bytes, const ParseOptions& options, Diagnostics* diagnostics) {
  Diagnostics own;
  Diagnostics& found = diagnostics != nullptr ? *diagnostics : own;
  CONTINUO_ASSIGN(const Layout layout, find_chunks(bytes, found));
  File file;
  file.header = layout.header;
  file.tracks.reserve(layout.tracks.size());
  for (const TrackBytes& track : layout.tracks) {
    TrackReader reader(track, static_cast<int>(file.tracks.size()), found);
    TrackChunk& chunk = file.tracks.emplace_back();
    chunk.events.reserve(track.bytes.size() / kUsualEventBytes);
    EventView event;
    while (reader.next(event)) chunk.events.push_back(stored(event, file));
    chunk.end_time = reader.end_time();
  }
  if (options.strict && !found.empty()) return found.kept().front().to_error();
  return file;
}

}  // namespace continuo::midi
