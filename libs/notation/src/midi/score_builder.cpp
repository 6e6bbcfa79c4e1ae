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

constexpr int kDrumChannel = 9;
constexpr int kMostDenominatorPower = 7;

template <typename Event>
void append(std::vector<Event>& to, std::vector<Event>& from) {
  to.insert(to.end(), from.begin(), from.end());
  from.clear();
}

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

bool is_silent(const score::Track& track) { return track.notes.empty(); }

void move_controls(score::Track& from, score::Track& to) {
  append(to.controls, from.controls);
  append(to.pitch_bends, from.pitch_bends);
}

}  // namespace

ScoreBuilder::ScoreBuilder(const midi::Header& header, midi::Diagnostics& diagnostics)
    : header_(header),
      diagnostics_(diagnostics),
      part_by_program_(static_cast<std::size_t>(kChannels * kKeys), kNone),
      queues_(static_cast<std::size_t>(kChannels * kKeys)) {}

void ScoreBuilder::begin_chunk(int number) {
  chunk_ = number;
  chunk_first_part_ = parts_.size();
  chunk_name_.clear();
  instrument_name_.clear();
  channels_.fill({});
}

void ScoreBuilder::add(const EventView& event, std::size_t offset) {
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
    case EventKind::control_change:
      track_of(event.channel()).controls.push_back({Ticks(event.time), event.data1, event.data2});
      last_time_ = std::max(last_time_, event.time);
      break;
    case EventKind::pitch_bend:
      track_of(event.channel())
          .pitch_bends.push_back(
              {Ticks(event.time), static_cast<std::int16_t>((event.data2 << 7 | event.data1) - 8192)});
      last_time_ = std::max(last_time_, event.time);
      break;
    case EventKind::program_change:
      change_program(event);
      break;
    case EventKind::meta:
      add_meta(event, offset);
      break;
    default:
      break;
  }
}

std::int32_t ScoreBuilder::part_of(int channel) {
  Channel& state = channels_[static_cast<std::size_t>(channel)];
  if (state.part != kNone) return state.part;
  std::int32_t& known = part_by_program_[static_cast<std::size_t>(channel * kKeys + state.program)];
  if (known == kNone && parts_.size() == kMostTracks) {
    has_too_many_parts_ = true;
    return state.part = static_cast<std::int32_t>(parts_.size()) - 1;
  }
  if (known == kNone) {
    known = static_cast<std::int32_t>(parts_.size());
    Part& part = parts_.emplace_back();
    part.chunk = chunk_;
    part.channel = channel;
    part.has_own_program = state.has_program;
    part.track.program = state.program;
    part.track.is_drum = channel == kDrumChannel;
  }
  state.part = known;
  return known;
}

void ScoreBuilder::start_note(const EventView& event) {
  const std::int32_t part = part_of(event.channel());
  std::vector<score::Note>& notes = parts_[static_cast<std::size_t>(part)].track.notes;
  notes.push_back({Ticks(event.time), Ticks(0), event.data1, event.data2});
  Queue& queue = queues_[static_cast<std::size_t>(event.channel() * kKeys + event.data1)];
  const auto index = static_cast<std::int32_t>(open_notes_.size());
  open_notes_.push_back({part, static_cast<std::uint32_t>(notes.size() - 1), kNone});
  if (queue.last == kNone) {
    queue.first = index;
  } else {
    open_notes_[static_cast<std::size_t>(queue.last)].next = index;
  }
  queue.last = index;
  ++open_count_;
  last_time_ = std::max(last_time_, event.time);
}

void ScoreBuilder::end_note(const EventView& event, std::size_t offset) {
  Queue& queue = queues_[static_cast<std::size_t>(event.channel() * kKeys + event.data1)];
  if (queue.first == kNone) {
    diagnostics_.add(Defect::unmatched_note_off, offset, chunk_);
    return;
  }
  const OpenNote open = open_notes_[static_cast<std::size_t>(queue.first)];
  queue.first = open.next;
  if (open.next == kNone) queue.last = kNone;
  score::Note& note = parts_[static_cast<std::size_t>(open.part)].track.notes[open.note];
  note.duration = Ticks(event.time) - note.onset;
  if (--open_count_ == 0) open_notes_.clear();
  last_time_ = std::max(last_time_, event.time);
}

void ScoreBuilder::end_open_notes(std::int64_t end_time) {
  if (open_count_ == 0) return;
  // What is still open is what hangs in a queue; going by the notes finds the queues without looking at all of
  // them.
  for (const OpenNote& entry : open_notes_) {
    const Part& part = parts_[static_cast<std::size_t>(entry.part)];
    Queue& queue = queues_[static_cast<std::size_t>(part.channel * kKeys + part.track.notes[entry.note].pitch)];
    for (std::int32_t i = queue.first; i != kNone;) {
      const OpenNote& open = open_notes_[static_cast<std::size_t>(i)];
      score::Note& note = parts_[static_cast<std::size_t>(open.part)].track.notes[open.note];
      note.duration = Ticks(end_time) - note.onset;
      diagnostics_.add(Defect::unended_note, 0, chunk_);
      i = open.next;
    }
    queue = {};
  }
  open_notes_.clear();
  open_count_ = 0;
  last_time_ = std::max(last_time_, end_time);
}

void ScoreBuilder::change_program(const EventView& event) {
  Channel& channel = channels_[static_cast<std::size_t>(event.channel())];
  channel = {event.data1, true, kNone};
  FirstProgram& first = first_programs_[static_cast<std::size_t>(event.channel())];
  if (first.time < 0 || event.time < first.time) first = {event.time, event.data1};
}

void ScoreBuilder::end_chunk(std::int64_t end_time) {
  end_open_notes(end_time);
  for (std::size_t i = chunk_first_part_; i < parts_.size(); ++i) {
    part_by_program_[static_cast<std::size_t>(parts_[i].channel * kKeys + parts_[i].track.program)] = kNone;
  }
  merge_silent_parts(chunk_first_part_);
  name_parts();
}

void ScoreBuilder::name_parts() {
  if (chunk_ == 0) score_.title = chunk_name_;
  if (header_.format != 1 && chunk_ == 0) chunk_name_.clear();
  const std::string& name = chunk_name_.empty() ? instrument_name_ : chunk_name_;
  for (std::size_t i = chunk_first_part_; i < parts_.size(); ++i) parts_[i].track.name = name;
}

// Controls of parts without notes go to the next part of the channel that has some, or to the last that had;
// when none has, they stay together in the first.
void ScoreBuilder::merge_silent_parts(std::size_t first_part) {
  struct Pending {
    score::Track controls;
    score::Track* first_silent = nullptr;
    score::Track* last_sounding = nullptr;
  };
  std::array<Pending, kChannels> channels;
  for (std::size_t i = first_part; i < parts_.size(); ++i) {
    score::Track& track = parts_[i].track;
    Pending& pending = channels[static_cast<std::size_t>(parts_[i].channel)];
    if (is_silent(track)) {
      if (pending.first_silent == nullptr) pending.first_silent = &track;
      move_controls(track, pending.controls);
    } else {
      move_controls(track, pending.controls);
      std::swap(track.controls, pending.controls.controls);
      std::swap(track.pitch_bends, pending.controls.pitch_bends);
      pending.last_sounding = &track;
    }
  }
  for (Pending& pending : channels) {
    score::Track* heir = pending.last_sounding != nullptr ? pending.last_sounding : pending.first_silent;
    if (heir != nullptr) move_controls(pending.controls, *heir);
  }
  const auto is_empty = [](const Part& part) {
    return is_silent(part.track) && part.track.controls.empty() && part.track.pitch_bends.empty();
  };
  const auto begin = parts_.begin() + static_cast<std::ptrdiff_t>(first_part);
  parts_.erase(std::remove_if(begin, parts_.end(), is_empty), parts_.end());
}

void ScoreBuilder::adopt_programs() {
  for (Part& part : parts_) {
    const FirstProgram& first = first_programs_[static_cast<std::size_t>(part.channel)];
    if (part.has_own_program || first.time < 0) continue;
    if (part.track.notes.empty() || part.track.notes.front().onset >= Ticks(first.time)) {
      part.track.program = first.program;
    }
  }
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
  if (has_too_many_parts_) {
    return Error{ErrorCode::too_large, "more than " + std::to_string(kMostTracks) + " tracks", "", ""};
  }
  adopt_programs();
  merge_silent_parts(0);
  std::erase_if(parts_, [](const Part& part) { return is_silent(part.track); });
  score_.tracks.reserve(parts_.size());
  for (Part& part : parts_) {
    score_.tracks.push_back(std::move(part.track));
    chunks_of_tracks_.push_back(part.chunk);
  }
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
