// The order of events within a tick: which end of a note a pedal holds, and what is set once a note has begun.

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "continuo/midi/file.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"

namespace continuo::notation {
namespace {

using midi::Event;
using midi::EventKind;
using midi::File;
using score::ControlChange;
using score::TickPlace;
using score::Ticks;
using Controls = std::vector<ControlChange>;

Event control(std::int64_t time, int controller, int value) {
  return File::channel_message(time, EventKind::control_change, 0, controller, value);
}
Event pedal(std::int64_t time, bool is_down) { return control(time, 64, is_down ? 127 : 0); }
Event program(std::int64_t time, int number) {
  return File::channel_message(time, EventKind::program_change, 0, number);
}
Event on(std::int64_t time, int key = 60) { return File::channel_message(time, EventKind::note_on, 0, key, 90); }
Event off(std::int64_t time, int key = 60) { return File::channel_message(time, EventKind::note_on, 0, key, 0); }
Event off_with(std::int64_t time, int velocity) {
  return File::channel_message(time, EventKind::note_off, 0, 60, velocity);
}

File file_of(std::vector<std::vector<Event>> chunks) {
  File file;
  file.header = {1, midi::Division::per_quarter(480)};
  for (std::vector<Event>& events : chunks) file.tracks.push_back({std::move(events), 1000});
  return file;
}

score::Score read(const File& file) {
  auto score = score_from_midi(file);
  EXPECT_TRUE(score.ok());
  return std::move(*score);
}

Controls controls_of(const File& file, std::size_t track = 0) { return read(file).tracks.at(track).controls; }

std::string listed(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) {
    if (!event.is_channel_message() || event.kind() == EventKind::program_change) continue;
    const bool is_note = event.kind() == EventKind::note_on || event.kind() == EventKind::note_off;
    const bool is_end = event.kind() == EventKind::note_off || (is_note && event.data2 == 0);
    text += std::to_string(event.time) +
            (!is_note ? " set"
             : is_end ? " off"
                      : " on") +
            " " + std::to_string(event.data1) + (is_note ? "" : " " + std::to_string(event.data2)) + "\n";
  }
  return text;
}

std::string written(const File& file, std::size_t track = 0) {
  return listed(midi_from_score(read(file))->tracks.at(1 + track).events);
}

TEST(TickOrder, APedalThatGoesDownBeforeANoteEndsInItsTickHoldsItOnceWrittenAgain) {
  const File held = file_of({{on(0), pedal(10, true), off(10), pedal(20, false)}});
  EXPECT_EQ(controls_of(held), (Controls{{Ticks(10), 64, 127, TickPlace::before_ends}, {Ticks(20), 64, 0}}));
  EXPECT_EQ(written(held), "0 on 60\n10 set 64 127\n10 off 60\n20 set 64 0\n");
  const File released = file_of({{on(0), off(10), pedal(10, true), pedal(20, false)}});
  EXPECT_EQ(controls_of(released), (Controls{{Ticks(10), 64, 127}, {Ticks(20), 64, 0}}));
  EXPECT_EQ(written(released), "0 on 60\n10 off 60\n10 set 64 127\n20 set 64 0\n");
}

TEST(TickOrder, WhatIsSetOnceANoteHasBegunStaysAfterIt) {
  const Event bend = File::channel_message(10, EventKind::pitch_bend, 0, 1, 64);
  const Event press = File::channel_message(10, EventKind::channel_pressure, 0, 9);
  const File file = file_of({{on(10), control(10, 7, 90), bend, press, off(20)}});
  const score::Track track = read(file).tracks.at(0);
  EXPECT_EQ(track.controls, (Controls{{Ticks(10), 7, 90, TickPlace::after_onsets}}));
  EXPECT_EQ(track.pitch_bends, (std::vector<score::PitchBend>{{Ticks(10), 1, TickPlace::after_onsets}}));
  EXPECT_EQ(track.pressures,
            (std::vector<score::Pressure>{{Ticks(10), score::Pressure::kAllKeys, 9, TickPlace::after_onsets}}));
  EXPECT_EQ(written(file), "10 on 60\n10 set 7 90\n10 set 1 64\n10 set 9 0\n20 off 60\n");
}

TEST(TickOrder, WhatComesAmongEndsOrAmongBeginningsIsBetween) {
  const File among_ends =
      file_of({{on(0), on(0, 62), off(10), pedal(10, true), off(10, 62), pedal(20, false), on(20), off(30)}});
  EXPECT_EQ(controls_of(among_ends), (Controls{{Ticks(10), 64, 127}, {Ticks(20), 64, 0}}));
  const File among_beginnings = file_of({{on(10), control(10, 7, 90), on(10, 62), off(20), off(20, 62)}});
  EXPECT_EQ(controls_of(among_beginnings), (Controls{{Ticks(10), 7, 90}}));
}

TEST(TickOrder, BetweenABeginningAndAnEndAPedalHoldsTheEndAndVolumeFollowsTheBeginning) {
  const File file = file_of({{on(0), on(10, 62), pedal(10, true), control(10, 7, 90), off(10), off(20, 62)}});
  EXPECT_EQ(controls_of(file),
            (Controls{{Ticks(10), 64, 127, TickPlace::before_ends}, {Ticks(10), 7, 90, TickPlace::after_onsets}}));
  // A reset lifts pedals: none of the same tick is brought before it.
  const File reset = file_of({{on(0), on(10, 62), control(10, 121, 0), pedal(10, true), off(10), off(20, 62)}});
  EXPECT_EQ(controls_of(reset),
            (Controls{{Ticks(10), 121, 0, TickPlace::after_onsets}, {Ticks(10), 64, 127, TickPlace::after_onsets}}));
}

TEST(TickOrder, ANoteWithoutLengthEndsNothingThatSounded) {
  const File file = file_of({{on(0), off(5), pedal(10, true), on(10), off(10), pedal(20, false)}});
  EXPECT_EQ(controls_of(file), (Controls{{Ticks(10), 64, 127}, {Ticks(20), 64, 0}}));
}

TEST(TickOrder, EventsOfAnotherChunkComeBeforeOrAfterAllNotesOfATick) {
  const std::vector<Event> notes = {on(0), off(10), on(10), off(20)};
  const std::vector<Event> pedals = {pedal(5, false), pedal(10, true), pedal(15, false)};
  EXPECT_EQ(controls_of(file_of({pedals, notes})),
            (Controls{{Ticks(5), 64, 0}, {Ticks(10), 64, 127, TickPlace::before_ends}, {Ticks(15), 64, 0}}));
  EXPECT_EQ(controls_of(file_of({notes, pedals})),
            (Controls{{Ticks(5), 64, 0}, {Ticks(10), 64, 127, TickPlace::after_onsets}, {Ticks(15), 64, 0}}));
}

TEST(TickOrder, EachTrackOfAChannelHasEventsPlacedAmongItsOwnNotes) {
  // The second chunk's note begins after what the first sends, and the first one's before.
  const File file =
      file_of({{on(0), off(5), on(10), pedal(10, true), off(20)}, {on(0, 50), off(10, 50), on(10, 52), off(20, 52)}});
  EXPECT_EQ(controls_of(file, 0), (Controls{{Ticks(10), 64, 127, TickPlace::after_onsets}}));
  EXPECT_EQ(controls_of(file, 1), (Controls{{Ticks(10), 64, 127, TickPlace::before_ends}}));
  EXPECT_EQ(read(*midi_from_score(read(file))), read(file));
}

TEST(TickOrder, AViewBeginsWithWhatWasSetBeforeItsFirstNoteAlone) {
  const File file =
      file_of({{control(0, 7, 80), on(10), control(10, 7, 90), off(20), program(30, 5), on(30), off(40)}});
  EXPECT_EQ(controls_of(file, 0), (Controls{{Ticks(10), 7, 80}, {Ticks(10), 7, 90, TickPlace::after_onsets}}));
  EXPECT_EQ(controls_of(file, 1), (Controls{{Ticks(30), 7, 90}}));
}

TEST(TickOrder, ABankThatIsSelectedOnceANoteHasBegunIsForTheNext) {
  const File file = file_of({{on(10), control(10, 0, 3), program(10, 0), off(20), on(30), off(40)}});
  EXPECT_EQ(controls_of(file), (Controls{{Ticks(10), 0, 3, TickPlace::after_onsets}}));
  const std::vector<Event> events = midi_from_score(read(file))->tracks.at(1).events;
  ASSERT_EQ(events.size(), 7U);
  EXPECT_EQ(events[1].kind(), EventKind::note_on);
  EXPECT_EQ(events[2].kind(), EventKind::control_change);
  EXPECT_EQ(events[3].kind(), EventKind::program_change);
}

TEST(ReleaseVelocity, IsKeptAndANoteOnOfVelocity0HasNone) {
  const File file = file_of({{on(0), off_with(10, 100), on(20), off_with(30, 0), on(40), off(50)}});
  const score::Score score = read(file);
  std::vector<int> velocities;
  std::vector<bool> given;
  for (const score::Note& note : score.tracks.at(0).notes) {
    velocities.push_back(note.release_velocity);
    given.push_back(note.has_release_velocity());
  }
  EXPECT_EQ(velocities, (std::vector{100, 0, 64}));
  EXPECT_EQ(given, (std::vector{true, false, false}));
  EXPECT_EQ(read(*midi_from_score(score)), score);
  score::Score wrong = score;
  wrong.tracks.at(0).notes.at(0).release_velocity = 128;
  EXPECT_EQ(midi_from_score(wrong).error().code, ErrorCode::invalid_argument);
}

// Each note, with whether the sustain pedal is down when it ends.
using HeldNotes = std::vector<std::tuple<std::int64_t, int, std::int64_t, bool>>;

HeldNotes held_notes(const File& file) {
  std::vector<Event> events;
  for (const midi::TrackChunk& chunk : file.tracks) {
    for (const Event& event : chunk.events) {
      if (event.is_channel_message()) events.push_back(event);
    }
  }
  std::ranges::stable_sort(events, {}, &Event::time);
  std::map<int, std::int64_t> onsets;
  HeldNotes notes;
  bool is_down = false;
  for (const Event& event : events) {
    if (event.kind() == EventKind::control_change && event.data1 == 64) is_down = event.data2 >= 64;
    if (event.kind() != EventKind::note_on) continue;
    if (event.data2 > 0) {
      onsets[event.data1] = event.time;
    } else {
      notes.emplace_back(onsets[event.data1], event.data1, event.time, is_down);
    }
  }
  std::ranges::sort(notes);
  return notes;
}

// One key after the other, each tick with its pedal before, between or after its end and beginning.
RC_GTEST_PROP(TickOrder, APedalHoldsTheSameNotesOnceWrittenAndReadAgain, ()) {
  std::vector<Event> events = {on(0, 30)};
  const int length = *rc::gen::inRange(1, 40);
  for (int i = 1; i <= length; ++i) {
    std::vector<Event> tick = {off(i, 29 + i), on(i, 30 + i)};
    for (int changes = *rc::gen::inRange(0, 3); changes > 0; --changes) {
      const auto at = *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(tick) + 1);
      tick.insert(tick.begin() + at, pedal(i, *rc::gen::arbitrary<bool>()));
    }
    events.insert(events.end(), tick.begin(), tick.end());
  }
  events.push_back(off(length + 5, 30 + length));
  const File file = file_of({events});
  const score::Score score = read(file);
  const File again = *midi_from_score(score);
  RC_LOG() << listed(events) << "written as\n" << listed(again.tracks.at(1).events);
  RC_ASSERT(held_notes(again) == held_notes(file));
  RC_ASSERT(read(again) == score);
}

}  // namespace
}  // namespace continuo::notation
