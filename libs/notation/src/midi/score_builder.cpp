#include "score_builder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "continuo/notation/midi_reader.h"

#include "../text_encoding.h"

namespace continuo::notation {
namespace {

using midi::Defect;
using midi::EventKind;
using midi::EventView;
using score::Ticks;

constexpr int kMostDenominatorPower = 7;

// Of several in one tick the last. Requires: sorted by onset.
template <typename Event>
void keep_last_of_each_tick(std::vector<Event>& events) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (kept > 0 && events[kept - 1].onset == events[i].onset) --kept;
    events[kept++] = events[i];
  }
  events.resize(kept);
}

std::string name_of(const EventView& event) { return cut_utf8(to_utf8(event.payload), kLongestNameBytes); }

// Views of channels cost tracks times events. No music comes near this.
constexpr std::size_t kMostViewedEvents = std::size_t{1} << 22;

}  // namespace

ScoreBuilder::ScoreBuilder(const midi::Header& header, midi::Diagnostics& diagnostics)
    : header_(header), diagnostics_(diagnostics), queues_(static_cast<std::size_t>(kChannels * kKeys)) {}

void ScoreBuilder::begin_chunk(int number) {
  chunk_ = number;
  order_ = 0;
  chunk_first_part_ = parts_.size();
  last_note_off_ = 0;
  chunk_name_.clear();
  instrument_name_.clear();
  channels_.fill({});
}

void ScoreBuilder::add(const EventView& event, std::size_t offset) {
  ++order_;
  switch (event.kind()) {
    case EventKind::note_on:
      if (event.data2 > 0) {
        start_note(event);
      } else {
        end_note(event, offset);
      }
      break;
    case EventKind::note_off:
      end_note(event, offset);
      break;
    case EventKind::control_change: {
      Channel& channel = used_channel(event.channel());
      const score::ControlChange control{Ticks(event.time), event.data1, event.data2, next_place(channel, event.time)};
      channel.timeline->add_control(control);
      if (has_place(event.data1)) [[unlikely]]
        channel.timeline->add_place({event.time, chunk_, order_}, control);
      break;
    }
    case EventKind::pitch_bend: {
      Channel& channel = used_channel(event.channel());
      const auto value = static_cast<std::int16_t>((event.data2 << 7 | event.data1) - 8192);
      channel.timeline->add_bend({Ticks(event.time), value, next_place(channel, event.time)});
      break;
    }
    case EventKind::channel_pressure:
      add_pressure(event, score::Pressure::kAllKeys, event.data1);
      break;
    case EventKind::poly_pressure:
      add_pressure(event, event.data1, event.data2);
      break;
    case EventKind::program_change:
      timelines_[static_cast<std::size_t>(event.channel())].add_program({event.time, chunk_, order_}, event.data1);
      break;
    case EventKind::meta:
      add_meta(event, offset);
      break;
    default:
      break;
  }
}

void ScoreBuilder::begin_to_use(int channel) {
  Channel& state = channels_[static_cast<std::size_t>(channel)];
  state.first_order = order_;
  state.timeline = &timelines_[static_cast<std::size_t>(channel)];
  state.timeline->add_chunk(chunk_);
}

void ScoreBuilder::add_pressure(const EventView& event, std::int16_t key, std::uint8_t value) {
  Channel& channel = used_channel(event.channel());
  channel.timeline->add_pressure({Ticks(event.time), key, value, next_place(channel, event.time)});
}

void ScoreBuilder::begin_part(Channel& channel, int number) {
  channel.part = static_cast<std::int32_t>(parts_.size());
  Part& part = parts_.emplace_back();
  part.chunk = chunk_;
  part.channel = number;
  part.first_order = channel.first_order;
}

void ScoreBuilder::start_note(const EventView& event) {
  Channel& channel = used_channel(event.channel());
  if (channel.part == kNone) [[unlikely]]
    begin_part(channel, event.channel());
  Part& part = parts_[static_cast<std::size_t>(channel.part)];
  part.notes.push_back({Ticks(event.time), Ticks(0), event.data1, event.data2});
  if (channel.last_event == event.time && channel.last_onset == event.time) [[unlikely]]
    channel.timeline->put_before_onset(Ticks(event.time));
  channel.last_onset = event.time;
  part.orders.push_back(order_);
  Queue& queue = queues_[static_cast<std::size_t>(event.channel() * kKeys + event.data1)];
  const auto index = static_cast<std::int32_t>(open_notes_.size());
  open_notes_.push_back({channel.part, static_cast<std::uint32_t>(part.notes.size() - 1), kNone});
  if (queue.last == kNone) {
    queue.first = index;
  } else {
    open_notes_[static_cast<std::size_t>(queue.last)].next = index;
  }
  queue.last = index;
  ++open_count_;
}

// The rare calls come last, so that they cost nothing where they are not made.
void ScoreBuilder::end_note(const EventView& event, std::size_t offset) {
  Queue& queue = queues_[static_cast<std::size_t>(event.channel() * kKeys + event.data1)];
  if (queue.first == kNone) [[unlikely]]
    return diagnostics_.add(Defect::unmatched_note_off, offset, chunk_);
  const OpenNote open = open_notes_[static_cast<std::size_t>(queue.first)];
  if (open.next == kNone) {
    queue = {};
  } else {
    queue.first = open.next;
    queue.last_off = event.time;
  }
  score::Note& note = parts_[static_cast<std::size_t>(open.part)].notes[open.note];
  note.duration = Ticks(event.time) - note.onset;
  if (event.kind() == EventKind::note_off) note.release_velocity = event.data2;
  if (--open_count_ == 0) open_notes_.clear();
  last_note_off_ = event.time;
  if (note.duration == Ticks(0)) [[unlikely]]
    return;
  Channel& channel = channels_[static_cast<std::size_t>(event.channel())];
  const bool is_first_end = std::exchange(channel.last_end, event.time) != event.time;
  if (channel.last_event == event.time && is_first_end) [[unlikely]]
    channel.timeline->put_before_ends(Ticks(event.time));
}

// Where a musician would end a note that the file does not: with the last end of its key, where its key is struck next,
// with the last note that the chunk ends, or with the chunk: the first of these that is after its beginning. So the
// notes of a key end in the order in which they began.
void ScoreBuilder::end_queue(const Queue& queue, std::int64_t end_time) {
  std::vector<std::int32_t> open;
  for (std::int32_t i = queue.first; i != kNone; i = open_notes_[static_cast<std::size_t>(i)].next) open.push_back(i);
  std::int64_t struck_next = -1, struck = -1;  // after the note at hand, and with it or after it
  for (auto each = open.rbegin(); each != open.rend(); ++each) {
    score::Note& note = note_of(*each);
    const std::int64_t onset = note.onset.value;
    if (onset != struck) struck_next = std::exchange(struck, onset);
    const std::array ends = {queue.last_off, struck_next, last_note_off_};
    const auto later = std::ranges::find_if(ends, [onset](std::int64_t end) { return end > onset; });
    const std::int64_t end = later == ends.end() ? end_time : *later;
    note.duration = Ticks(end) - note.onset;
    last_time_ = std::max(last_time_, end);
    diagnostics_.add(Defect::unended_note, 0, chunk_);
  }
}

// What is still open is what hangs in a queue; going by the notes finds the queues without looking at all of them.
void ScoreBuilder::end_open_notes(std::int64_t end_time) {
  if (open_count_ == 0) return;
  for (const OpenNote& entry : open_notes_) {
    const Part& part = parts_[static_cast<std::size_t>(entry.part)];
    Queue& queue = queues_[static_cast<std::size_t>(part.channel * kKeys + part.notes[entry.note].pitch)];
    end_queue(queue, end_time);
    queue = {};
  }
  open_notes_.clear();
  open_count_ = 0;
}

void ScoreBuilder::end_chunk(std::int64_t end_time) {
  end_open_notes(end_time);
  for (const Channel& channel : channels_)
    last_time_ = std::max({last_time_, channel.last_event, channel.last_onset, channel.last_end});
  name_parts();
}

void ScoreBuilder::name_parts() {
  if (chunk_ == 0) score_.title = chunk_name_;
  if (header_.format != 1 && chunk_ == 0) chunk_name_.clear();
  const std::string& name = chunk_name_.empty() ? instrument_name_ : chunk_name_;
  for (std::size_t i = chunk_first_part_; i < parts_.size(); ++i) parts_[i].name = name;
}

ScoreBuilder::PlacedTrack ScoreBuilder::track_of(const Part& part, std::uint8_t program) {
  PlacedTrack placed{part.chunk, part.channel, part.first_order, {}};
  placed.track.name = part.name;
  placed.track.program = program;
  placed.track.is_drum = part.channel == kDrumChannel;
  return placed;
}

// Empties the part.
std::vector<ScoreBuilder::PlacedTrack> ScoreBuilder::split_by_program(Part& part) const {
  const ChannelTimeline& channel = timelines_[static_cast<std::size_t>(part.channel)];
  ChannelTimeline::Programs programs(channel);
  const auto program_of = [&](std::size_t i) {
    return programs.at({part.notes[i].onset.value, part.chunk, part.orders[i]});
  };
  std::vector<PlacedTrack> tracks;
  if (channel.has_one_program()) {
    tracks.push_back(track_of(part, program_of(0)));
    tracks.front().track.notes = std::move(part.notes);
    return tracks;
  }
  std::array<std::int32_t, kKeys> track_of_program;
  track_of_program.fill(kNone);
  for (std::size_t i = 0; i < part.notes.size(); ++i) {
    const std::uint8_t program = program_of(i);
    std::int32_t& index = track_of_program[program];
    if (index == kNone) {
      index = static_cast<std::int32_t>(tracks.size());
      tracks.push_back(track_of(part, program));
      if (i > 0) tracks.back().first_order = part.orders[i];
    }
    tracks[static_cast<std::size_t>(index)].track.notes.push_back(part.notes[i]);
  }
  return tracks;
}

// Shape: the tracks of one channel.
void ScoreBuilder::give_controls(std::span<PlacedTrack> tracks) {
  if (tracks.empty()) return;
  ChannelTimeline& channel = timelines_[static_cast<std::size_t>(tracks.front().channel)];
  if (tracks.size() == 1 || tracks.size() * channel.events() > kMostViewedEvents) {
    channel.give_all(tracks.front().chunk, tracks.front().track);
    return;
  }
  for (PlacedTrack& each : tracks) channel.give_view(each.chunk, each.track);
}

Status ScoreBuilder::make_tracks() {
  for (ChannelTimeline& channel : timelines_) channel.merge();
  std::vector<PlacedTrack> tracks;
  for (int channel = 0; channel < kChannels; ++channel) {
    const auto first = static_cast<std::ptrdiff_t>(tracks.size());
    for (Part& part : parts_) {
      if (part.channel != channel) continue;
      std::ranges::move(split_by_program(part), std::back_inserter(tracks));
      if (tracks.size() > kMostTracks) {
        return Error{ErrorCode::too_large, "more than " + std::to_string(kMostTracks) + " tracks", "", ""};
      }
    }
    give_controls({tracks.begin() + first, tracks.end()});
  }
  std::ranges::sort(tracks, {}, [](const PlacedTrack& each) { return std::pair(each.chunk, each.first_order); });
  score_.tracks.reserve(tracks.size());
  for (PlacedTrack& each : tracks) {
    score_.tracks.push_back(std::move(each.track));
    chunks_of_tracks_.push_back(each.chunk);
  }
  return {};
}

void ScoreBuilder::add_meta(const EventView& event, std::size_t offset) {
  bool is_possible = true;
  switch (event.data1) {
    case midi::meta::kTempo:
      is_possible = add_tempo(event);
      break;
    case midi::meta::kTimeSignature:
      is_possible = add_time_signature(event);
      break;
    case midi::meta::kKeySignature:
      is_possible = add_key_signature(event);
      break;
    default:
      add_text(event);
      return;
  }
  if (is_possible) {
    last_time_ = std::max(last_time_, event.time);
  } else {
    diagnostics_.add(Defect::bad_meta_value, offset, chunk_);
  }
}

bool ScoreBuilder::add_tempo(const EventView& event) {
  if (event.payload.size() < 3) return false;
  const std::int32_t microseconds = event.payload[0] << 16 | event.payload[1] << 8 | event.payload[2];
  if (microseconds == 0) return false;
  if (!header_.division.is_smpte()) score_.tempos.push_back({Ticks(event.time), microseconds});
  return true;
}

bool ScoreBuilder::add_time_signature(const EventView& event) {
  if (event.payload.size() < 2 || event.payload[0] == 0 || event.payload[1] > kMostDenominatorPower) return false;
  score_.time_signatures.push_back({Ticks(event.time), event.payload[0], 1 << event.payload[1]});
  return true;
}

bool ScoreBuilder::add_key_signature(const EventView& event) {
  if (event.payload.size() < 2 || event.payload[1] > 1) return false;
  const int fifths = static_cast<std::int8_t>(event.payload[0]);
  if (fifths < -7 || fifths > 7) return false;
  score_.key_signatures.push_back({Ticks(event.time), fifths, event.payload[1] == 1});
  return true;
}

void ScoreBuilder::add_text(const EventView& event) {
  const Ticks onset(event.time);
  switch (event.data1) {
    case midi::meta::kTrackName:
      if (chunk_name_.empty()) chunk_name_ = name_of(event);
      break;
    case midi::meta::kInstrumentName:
      if (instrument_name_.empty()) instrument_name_ = name_of(event);
      break;
    case midi::meta::kMarker:
      score_.markers.push_back({onset, to_utf8(event.payload)});
      last_time_ = std::max(last_time_, event.time);
      break;
    case midi::meta::kText: {
      const std::string text = to_utf8(event.payload);
      if (!text.starts_with(kChordTextPrefix)) break;
      score_.chord_symbols.push_back({onset, text.substr(kChordTextPrefix.size())});
      last_time_ = std::max(last_time_, event.time);
      break;
    }
    default:
      break;
  }
}

Status ScoreBuilder::set_time_base() {
  const midi::Division division = header_.division;
  if (!division.is_smpte()) {
    score_.ticks_per_quarter = division.ticks_per_quarter();
    if (score_.ticks_per_quarter > 0) return {};
    return Error{ErrorCode::malformed, "the header says 0 ticks per quarter note", "", ""};
  }
  const int rate = division.frames_per_second();
  const bool is_drop_frame = rate == 29;
  if ((rate != 24 && rate != 25 && !is_drop_frame && rate != 30) || division.ticks_per_frame() == 0) {
    return Error{ErrorCode::malformed,
                 "a time base that is none: " + std::to_string(rate) + " frames per second and " +
                     std::to_string(division.ticks_per_frame()) + " ticks per frame",
                 "", ""};
  }
  score_.ticks_per_quarter = (is_drop_frame ? 30 : rate) * division.ticks_per_frame();
  score_.tempos = {{Ticks(0), is_drop_frame ? 1001000 : 1000000}};
  return {};
}

Result<score::Score> ScoreBuilder::finish() {
  CONTINUO_TRY(set_time_base());
  CONTINUO_TRY(make_tracks());
  score_.sort();
  keep_last_of_each_tick(score_.tempos);
  keep_last_of_each_tick(score_.time_signatures);
  keep_last_of_each_tick(score_.key_signatures);
  if (score_.tempo_map().to_seconds(Ticks(last_time_)).value > kLongestMusicSec) {
    return Error{ErrorCode::too_large, "the music lasts more than a week", "tick " + std::to_string(last_time_), ""};
  }
  return std::move(score_);
}

}  // namespace continuo::notation
