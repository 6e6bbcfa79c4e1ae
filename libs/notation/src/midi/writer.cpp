#include "continuo/midi/writer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"
#include "continuo/score/bar_grid.h"
#include "continuo/score/meter.h"

#include "channel_plan.h"
#include "control_state.h"

namespace continuo::notation {
namespace {

using midi::EventKind;
using midi::File;

constexpr std::int32_t kMostTicksPerQuarter = 32767;

bool in_range(std::int64_t value, std::int64_t low, std::int64_t high) { return low <= value && value <= high; }

Error out_of_range(const std::string& what, score::Ticks onset) {
  return Error{ErrorCode::invalid_argument, what + " that MIDI cannot hold", "tick " + std::to_string(onset.value), ""};
}

Status check_track(const score::Track& track) {
  if (track.program > 127) return out_of_range("a program", score::Ticks(0));
  for (const score::Note& note : track.notes) {
    const bool fits = note.onset.value >= 0 && note.duration.value >= 0 && note.pitch <= 127 &&
                      in_range(note.velocity, 1, 127) && note.release_velocity <= 127;
    if (!fits) return out_of_range("a note", note.onset);
  }
  for (const score::ControlChange& control : track.controls) {
    if (control.onset.value < 0 || control.controller > 127 || control.value > 127) {
      return out_of_range("a control change", control.onset);
    }
  }
  for (const score::PitchBend& bend : track.pitch_bends) {
    if (bend.onset.value < 0 || !in_range(bend.value, -8192, 8191)) return out_of_range("a pitch bend", bend.onset);
  }
  for (const score::Pressure& pressure : track.pressures) {
    const bool fits = pressure.onset.value >= 0 && in_range(pressure.key, score::Pressure::kAllKeys, 127) &&
                      in_range(pressure.value, 0, 127);
    if (!fits) return out_of_range("a pressure", pressure.onset);
  }
  return {};
}

bool is_denominator(int value) { return in_range(value, 1, 128) && (value & (value - 1)) == 0; }

Status check_conductor(const score::Score& score) {
  if (!in_range(score.ticks_per_quarter, 1, kMostTicksPerQuarter)) {
    return Error{ErrorCode::invalid_argument,
                 std::to_string(score.ticks_per_quarter) + " ticks per quarter, which MIDI cannot hold", "", ""};
  }
  for (const score::Tempo& tempo : score.tempos) {
    if (tempo.onset.value < 0 || !in_range(tempo.microseconds_per_quarter, 1, 0xFFFFFF)) {
      return out_of_range("a tempo", tempo.onset);
    }
  }
  for (const score::TimeSignature& meter : score.time_signatures) {
    if (meter.onset.value < 0 || !in_range(meter.numerator, 1, 255) || !is_denominator(meter.denominator)) {
      return out_of_range("a time signature", meter.onset);
    }
  }
  for (const score::IrregularBar& bar : score.irregular_bars) {
    if (bar.onset.value < 0 || bar.length.value <= 0) return out_of_range("an irregular bar", bar.onset);
  }
  for (const score::KeySignature& key : score.key_signatures) {
    if (key.onset.value < 0 || !in_range(key.fifths, -7, 7)) return out_of_range("a key signature", key.onset);
  }
  const auto is_early = [](const auto& event) { return event.onset.value < 0; };
  if (std::ranges::any_of(score.chord_symbols, is_early) || std::ranges::any_of(score.markers, is_early)) {
    return out_of_range("a chord symbol or marker", score::Ticks(-1));
  }
  return {};
}

Status check_side_events(std::span<const SideTrack> side_tracks) {
  for (const SideTrack& side : side_tracks) {
    for (const SideEvent& event : side.events) {
      const auto kind = static_cast<EventKind>(event.status);
      const bool is_meta = kind == EventKind::meta && event.type <= 127 && event.type != midi::meta::kEndOfTrack;
      const bool is_exclusive = kind == EventKind::sysex || kind == EventKind::sysex_continued;
      if (event.onset.value < 0 || !(is_meta || is_exclusive)) return out_of_range("an event", event.onset);
    }
  }
  return {};
}

void finish(midi::TrackChunk& chunk) {
  std::stable_sort(chunk.events.begin(), chunk.events.end(),
                   [](const midi::Event& a, const midi::Event& b) { return a.time < b.time; });
  chunk.end_time = chunk.events.empty() ? 0 : chunk.events.back().time;
}

// Source: Standard MIDI Files 1.0, "Time Signature": the third byte is the MIDI clocks (24 to a quarter) of a
// beat, the fourth the 32nd notes of a quarter.
std::array<std::uint8_t, 4> meter_bytes(const score::TimeSignature& meter) {
  std::uint8_t power = 0;
  while ((1 << power) < meter.denominator) ++power;
  const int clocks = std::max(1, 96 / meter.denominator * (score::is_compound(meter) ? 3 : 1));
  return {static_cast<std::uint8_t>(meter.numerator), power, static_cast<std::uint8_t>(clocks), 8};
}

using SideTracks = std::span<const SideTrack>;

midi::Event event_of(const SideEvent& event, File& file) {
  const std::span payload(reinterpret_cast<const std::uint8_t*>(event.payload.data()), event.payload.size());
  const auto kind = static_cast<EventKind>(event.status);
  if (kind == EventKind::meta) return file.meta(event.onset.value, event.type, payload);
  return file.sysex(event.onset.value, kind, payload);
}

void put_side_events(const SideTrack& side, File& file, midi::TrackChunk& chunk) {
  for (const SideEvent& event : side.events) chunk.events.push_back(event_of(event, file));
}

void put_conductor(const score::Score& score, SideTracks side_tracks, File& file) {
  midi::TrackChunk& chunk = file.tracks.emplace_back();
  const auto put = [&](score::Ticks onset, std::uint8_t type, auto&& payload) {
    chunk.events.push_back(file.meta(onset.value, type, payload));
  };
  if (!score.title.empty()) put(score::Ticks(0), midi::meta::kTrackName, std::string_view(score.title));
  for (const SideTrack& side : side_tracks) {
    if (side.home == SideTrack::Home::piece) put_side_events(side, file, chunk);
  }
  for (const score::TimeSignature& meter : score::signatures_of_bars(score)) {
    put(meter.onset, midi::meta::kTimeSignature, std::span<const std::uint8_t>(meter_bytes(meter)));
  }
  for (const score::KeySignature& key : score.key_signatures) {
    const std::array<std::uint8_t, 2> bytes = {static_cast<std::uint8_t>(key.fifths), key.is_minor};
    put(key.onset, midi::meta::kKeySignature, std::span<const std::uint8_t>(bytes));
  }
  for (const score::Tempo& tempo : score.tempos) {
    const auto us = static_cast<std::uint32_t>(tempo.microseconds_per_quarter);
    const std::array<std::uint8_t, 3> bytes = {static_cast<std::uint8_t>(us >> 16), static_cast<std::uint8_t>(us >> 8),
                                               static_cast<std::uint8_t>(us)};
    put(tempo.onset, midi::meta::kTempo, std::span<const std::uint8_t>(bytes));
  }
  for (const score::Marker& marker : score.markers) {
    put(marker.onset, midi::meta::kMarker, std::string_view(marker.text));
  }
  for (const score::ChordSymbol& chord : score.chord_symbols) {
    put(chord.onset, midi::meta::kText, std::string_view(std::string(kChordTextPrefix) + chord.text));
  }
  finish(chunk);
}

using Events = std::vector<midi::Event>;

void put_program(score::Ticks onset, int channel, std::uint8_t program, Events& events) {
  events.push_back(File::channel_message(onset.value, EventKind::program_change, channel, program));
}

void put_control(score::Ticks onset, int channel, int controller, int value, Events& events) {
  events.push_back(File::channel_message(onset.value, EventKind::control_change, channel, controller, value));
}

// What a track sends, by its place among the notes that end and begin in a tick.
struct EventsOfTrack {
  Events before_ends, ends, between, onsets, after_onsets;
  Events& at(score::TickPlace place) {
    switch (place) {
      case score::TickPlace::before_ends:
        return before_ends;
      case score::TickPlace::between:
        return between;
      case score::TickPlace::after_onsets:
        return after_onsets;
    }
    return between;
  }
};

// A bank needs a program change to take effect.
void put_controls(const score::Track& track, int channel, EventsOfTrack& events) {
  const std::vector<score::ControlChange>& controls = track.controls;
  for (auto control = controls.begin(); control != controls.end(); ++control) {
    Events& here = events.at(control->place);
    put_control(control->onset, channel, control->controller, control->value, here);
    if (!is_bank(control->controller)) continue;
    const auto is_elsewhere = [&](const auto& each) {
      return each.onset > control->onset || each.place != control->place;
    };
    const auto next = std::find_if(control + 1, controls.end(),
                                   [&](const auto& each) { return is_bank(each.controller) || is_elsewhere(each); });
    const bool is_last_of_place = next == controls.end() || is_elsewhere(*next);
    if (is_last_of_place) put_program(control->onset, channel, track.program, here);
  }
}

void put_bends_and_pressures(const score::Track& track, int channel, EventsOfTrack& events) {
  for (const score::PitchBend& bend : track.pitch_bends) {
    const int value = bend.value + 8192;
    events.at(bend.place)
        .push_back(File::channel_message(bend.onset.value, EventKind::pitch_bend, channel, value & 0x7F, value >> 7));
  }
  for (const score::Pressure& pressure : track.pressures) {
    const std::int64_t time = pressure.onset.value;
    events.at(pressure.place)
        .push_back(pressure.key == score::Pressure::kAllKeys
                       ? File::channel_message(time, EventKind::channel_pressure, channel, pressure.value)
                       : File::channel_message(time, EventKind::poly_pressure, channel, pressure.key, pressure.value));
  }
}

void put_instrument(const Instrument& instrument, score::Ticks onset, int channel, Events& events) {
  if (instrument.bank != Instrument::kUnnamed) put_control(onset, channel, kBank, instrument.bank, events);
  if (instrument.bank_fine != Instrument::kUnnamed)
    put_control(onset, channel, kBankFine, instrument.bank_fine, events);
  put_program(onset, channel, instrument.program, events);
}

// A note-on of velocity 0 is a note-off with the plain release velocity, and shorter under a running status.
midi::Event end_of(const score::Note& note, int channel) {
  const bool is_plain = note.release_velocity == score::Note::kPlainRelease;
  return File::channel_message(note.end().value, is_plain ? EventKind::note_on : EventKind::note_off, channel,
                               note.pitch, is_plain ? 0 : note.release_velocity);
}

// Ends come before beginnings in one tick, so that a repeated note is struck again. A note of duration 0 ends right
// after its beginning.
void put_notes(const score::Track& track, const ChannelPlan& plan, std::size_t index, EventsOfTrack& events) {
  const int channel = plan.channel_of(index);
  for (std::size_t i = 0; i < track.notes.size(); ++i) {
    const score::Note& note = track.notes[i];
    if (const Instrument* instrument = plan.chosen_before(index, i)) {
      put_instrument(*instrument, note.onset, channel, events.onsets);
    }
    events.onsets.push_back(
        File::channel_message(note.onset.value, EventKind::note_on, channel, note.pitch, note.velocity));
    (note.duration > score::Ticks(0) ? events.ends : events.onsets).push_back(end_of(note, channel));
  }
}

void append(const Events& events, midi::TrackChunk& chunk) {
  chunk.events.insert(chunk.events.end(), events.begin(), events.end());
}

// Side events come before the notes that begin in their tick: a lyric belongs to the note that follows.
void put_track(const score::Track& track, const ChannelPlan& plan, SideTracks side_tracks, std::size_t index,
               File& file) {
  const int channel = plan.channel_of(index);
  midi::TrackChunk& chunk = file.tracks.emplace_back();
  if (!track.name.empty()) chunk.events.push_back(file.meta(0, midi::meta::kTrackName, track.name));
  EventsOfTrack events;
  put_controls(track, channel, events);
  put_bends_and_pressures(track, channel, events);
  put_notes(track, plan, index, events);
  append(events.before_ends, chunk);
  append(events.ends, chunk);
  for (const SideTrack& side : side_tracks) {
    if (side.home == SideTrack::Home::track && side.track == index) put_side_events(side, file, chunk);
  }
  if (plan.has_lasting_program(index)) put_program(score::Ticks(0), channel, track.program, chunk.events);
  append(events.between, chunk);
  append(events.onsets, chunk);
  append(events.after_onsets, chunk);
  finish(chunk);
}

// A chunk for what belongs to no track of the score.
void put_own_chunk(const SideTrack& side, File& file) {
  midi::TrackChunk& chunk = file.tracks.emplace_back();
  if (!side.name.empty()) chunk.events.push_back(file.meta(0, midi::meta::kTrackName, side.name));
  put_side_events(side, file, chunk);
  finish(chunk);
}

Result<File> make_file(const score::Score& score, SideTracks side_tracks) {
  CONTINUO_TRY(check_conductor(score));
  for (const score::Track& track : score.tracks) CONTINUO_TRY(check_track(track));
  CONTINUO_TRY(check_side_events(side_tracks));
  score::Score sorted = score;
  sorted.sort();
  File file;
  file.header = {1, midi::Division::per_quarter(static_cast<std::uint16_t>(sorted.ticks_per_quarter))};
  put_conductor(sorted, side_tracks, file);
  const ChannelPlan plan(sorted.tracks);
  for (std::size_t i = 0; i < sorted.tracks.size(); ++i) put_track(sorted.tracks[i], plan, side_tracks, i, file);
  for (const SideTrack& side : side_tracks) {
    const bool lost_its_track = side.home == SideTrack::Home::track && side.track >= sorted.tracks.size();
    if (side.home == SideTrack::Home::own || lost_its_track) put_own_chunk(side, file);
  }
  return file;
}

}  // namespace

Result<midi::File> midi_from_score(const score::Score& score) { return make_file(score, {}); }

Result<midi::File> midi_from_piece(const Piece& piece) { return make_file(piece.score, piece.side_tracks); }

Result<std::vector<std::uint8_t>> write_midi(const score::Score& score) {
  CONTINUO_ASSIGN(const midi::File file, midi_from_score(score));
  return midi::write(file);
}

Result<std::vector<std::uint8_t>> write_midi(const Piece& piece) {
  CONTINUO_ASSIGN(const midi::File file, midi_from_piece(piece));
  return midi::write(file);
}

}  // namespace continuo::notation
