#include "side_event_collector.h"

#include <algorithm>
#include <string>
#include <utility>

#include "continuo/notation/midi_reader.h"

#include "../text_encoding.h"

namespace continuo::notation {
namespace {

constexpr std::uint8_t kLastType = 0x7F;

std::string_view text_of(std::span<const std::uint8_t> payload) {
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

// Of the first chunk, what is for the whole piece even where one track alone comes from the chunk.
bool concerns_piece(const SideEvent& event) {
  const bool is_meta = event.status == static_cast<std::uint8_t>(midi::EventKind::meta);
  if (!is_meta) return true;
  switch (event.type) {
    case midi::meta::kSequenceNumber:
    case midi::meta::kCopyright:
    case midi::meta::kTrackName:  // the chunk's first is the title
    case midi::meta::kSmpteOffset:
    case midi::meta::kSequencerSpecific:
      return true;
    default:
      return false;
  }
}

// Hours, minutes, seconds and frames of an offset; two bits of the hours are the frame rate.
bool is_at_zero(const midi::EventView& offset) {
  const auto payload = offset.payload;
  return payload.empty() ||
         ((payload[0] & 0x1F) == 0 && std::ranges::all_of(payload.subspan(1), [](auto b) { return b == 0; }));
}

void put(SideTrack track, std::vector<SideTrack>& tracks) {
  if (!track.events.empty() || !track.name.empty()) tracks.push_back(std::move(track));
}

}  // namespace

void SideEventCollector::add(const midi::EventView& event) {
  switch (event.kind()) {
    case midi::EventKind::sysex:
    case midi::EventKind::sysex_continued:
      return keep(event);
    case midi::EventKind::meta:
      return add_meta(event);
    case midi::EventKind::note_off:
    case midi::EventKind::note_on:
    case midi::EventKind::control_change:
    case midi::EventKind::program_change:
    case midi::EventKind::poly_pressure:
    case midi::EventKind::channel_pressure:
    case midi::EventKind::pitch_bend:
      return;
  }
}

void SideEventCollector::add_meta(const midi::EventView& event) {
  switch (event.data1) {
    case midi::meta::kMarker:
    case midi::meta::kTempo:
    case midi::meta::kTimeSignature:
    case midi::meta::kKeySignature:
      return;
    case midi::meta::kTrackName:
      if (!chunks_.back().name.empty()) return keep(event);
      chunks_.back().name = cut_utf8(to_utf8(event.payload), kLongestNameBytes);
      return;
    case midi::meta::kText:
      // Empty ones bridge long rests, and are written again where they are needed.
      if (!event.payload.empty() && !text_of(event.payload).starts_with(kChordTextPrefix)) keep(event);
      return;
    case midi::meta::kChannelPrefix:
    case midi::meta::kPortPrefix:
      return;  // tracks have channels of their own once the score is written again
    case midi::meta::kSmpteOffset:
      if (!is_at_zero(event)) keep(event);
      return;
    default:
      if (event.data1 <= kLastType) return keep(event);
      ++others_;
  }
}

void SideEventCollector::keep(const midi::EventView& event) {
  if (kept_ == kMostSideEvents) {
    ++beyond_limit_;
    return;
  }
  ++kept_;
  const bool is_meta = event.kind() == midi::EventKind::meta;
  chunks_.back().events.push_back({.onset = score::Ticks(event.time),
                                   .status = event.status,
                                   .type = is_meta ? event.data1 : std::uint8_t{0},
                                   .payload = std::string(text_of(event.payload))});
}

std::vector<SideTrack> SideEventCollector::finish(std::span<const int> chunks_of_tracks, Diagnostics& diagnostics) {
  diagnostics.add_left_out(others_, "meta event", "meta events", "of a type that no file may have");
  diagnostics.add_left_out(beyond_limit_, "text, meta or system exclusive event",
                           "text, meta or system exclusive events", "beyond a million in one piece");
  std::vector<SideTrack> tracks;
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    std::vector<SideEvent>& events = chunks_[i].events;
    const auto first = std::ranges::find(chunks_of_tracks, static_cast<int>(i));
    const auto count = std::ranges::count(chunks_of_tracks, static_cast<int>(i));
    if (i == 0) {
      const auto rest = std::stable_partition(
          events.begin(), events.end(), [&](const SideEvent& event) { return count != 1 || concerns_piece(event); });
      put({.home = SideTrack::Home::piece, .events = {events.begin(), rest}}, tracks);
      events.erase(events.begin(), rest);
    }
    if (count == 0 && i > 0) {
      put({.home = SideTrack::Home::own, .name = chunks_[i].name, .events = std::move(events)}, tracks);
    } else {
      const auto index = static_cast<std::size_t>(first - chunks_of_tracks.begin());
      put({.home = SideTrack::Home::track, .track = index, .events = std::move(events)}, tracks);
    }
  }
  // As they are written.
  std::ranges::stable_sort(tracks, {}, [](const SideTrack& track) { return std::pair(track.home, track.track); });
  return tracks;
}

}  // namespace continuo::notation
