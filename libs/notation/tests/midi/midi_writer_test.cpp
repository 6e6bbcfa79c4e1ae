#include "continuo/notation/midi_writer.h"

#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "continuo/midi/parser.h"
#include "continuo/notation/midi_reader.h"

namespace continuo::notation {
namespace {

using score::Note;
using score::Score;
using score::Ticks;

Ticks any_time() { return Ticks(*rc::gen::inRange(0, 5000)); }

std::string any_text() { return *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')); }

// Onsets of their own, since one tick holds one tempo, meter or key.
template <typename Make>
auto any_changes(Make make) {
  std::vector<decltype(make(Ticks(0)))> changes;
  for (const int onset : *rc::gen::arbitrary<std::set<std::uint8_t>>()) changes.push_back(make(Ticks(onset * 17)));
  return changes;
}

// MIDI ends the oldest note of a pitch first, so durations are handed out in such a way that ends never cross.
std::vector<Note> any_notes() {
  const auto size = *rc::gen::inRange<std::size_t>(0, 30);
  std::vector<Note> notes;
  for (std::size_t i = 0; i < size; ++i) {
    notes.push_back({any_time(), Ticks(*rc::gen::inRange(0, 400)), static_cast<std::uint8_t>(*rc::gen::inRange(58, 63)),
                     static_cast<std::uint8_t>(*rc::gen::inRange(1, 128)),
                     static_cast<std::uint8_t>(
                         *rc::gen::weightedOneOf<int>({{2, rc::gen::just(64)}, {1, rc::gen::inRange(0, 128)}}))});
  }
  std::ranges::stable_sort(notes, {}, &Note::onset);
  std::map<int, Ticks> last_end;
  for (Note& note : notes) {
    Ticks& last = last_end[note.pitch];
    if (note.end() < last) note.duration = last - note.onset;
    last = note.end();
  }
  return notes;
}

// Often where a note begins or ends, and placed among these.
template <typename Event>
Event placed_in(const score::Track& track, Event event) {
  const Note& note = *rc::gen::elementOf(track.notes);
  const auto time = *rc::gen::inRange(0, 4);
  event.onset = time == 0 ? note.onset : time == 1 ? note.end() : any_time();
  const auto begins = [&](const Note& each) { return each.onset == event.onset; };
  const auto ends = [&](const Note& each) { return each.end() == event.onset && each.duration > Ticks(0); };
  std::vector<score::TickPlace> places = {score::TickPlace::between};
  if (std::ranges::any_of(track.notes, begins)) places.push_back(score::TickPlace::after_onsets);
  if (std::ranges::any_of(track.notes, ends)) places.push_back(score::TickPlace::before_ends);
  event.place = *rc::gen::elementOf(places);
  return event;
}

score::Track any_track() {
  score::Track track;
  track.name = any_text();
  track.program = static_cast<std::uint8_t>(*rc::gen::inRange(0, 128));
  track.is_drum = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
  track.notes = any_notes();
  track.notes.push_back({Ticks(0), Ticks(1), 20, 64});
  for (int n = *rc::gen::inRange(0, 10); n > 0; --n) {
    track.controls.push_back(
        placed_in<score::ControlChange>(track, {Ticks(0), static_cast<std::uint8_t>(*rc::gen::inRange(0, 128)),
                                                static_cast<std::uint8_t>(*rc::gen::inRange(0, 128))}));
    track.pitch_bends.push_back(
        placed_in<score::PitchBend>(track, {Ticks(0), static_cast<std::int16_t>(*rc::gen::inRange(-8192, 8192))}));
    track.pressures.push_back(
        placed_in<score::Pressure>(track, {Ticks(0), static_cast<std::int16_t>(*rc::gen::inRange(-1, 128)),
                                           static_cast<std::int16_t>(*rc::gen::inRange(0, 128))}));
  }
  return track;
}

Score any_score(std::size_t most_tracks) {
  Score score;
  score.title = any_text();
  score.ticks_per_quarter = *rc::gen::inRange(1, 32768);
  const auto tracks = *rc::gen::inRange<std::size_t>(0, most_tracks);
  for (std::size_t i = 0; i < tracks; ++i) score.tracks.push_back(any_track());
  score.tempos = any_changes([](Ticks onset) { return score::Tempo{onset, *rc::gen::inRange(1000, 0x1000000)}; });
  score.time_signatures = any_changes([](Ticks onset) {
    return score::TimeSignature{onset, *rc::gen::inRange(1, 256), 1 << *rc::gen::inRange(0, 8)};
  });
  score.key_signatures = any_changes([](Ticks onset) {
    return score::KeySignature{onset, *rc::gen::inRange(-7, 8), *rc::gen::arbitrary<bool>()};
  });
  score.chord_symbols = any_changes([](Ticks onset) { return score::ChordSymbol{onset, any_text()}; });
  score.markers = any_changes([](Ticks onset) { return score::Marker{onset, any_text()}; });
  score.sort();
  return score;
}

// Tracks that share a channel share its state as well; only one of these has the drums'.
void keep_one_drum_track(Score& score) {
  bool has_drums = false;
  for (score::Track& track : score.tracks) {
    track.is_drum = track.is_drum && !has_drums;
    has_drums = has_drums || track.is_drum;
  }
}

// What does not depend on the state of a channel.
Score without_controls(Score score) {
  for (score::Track& track : score.tracks) {
    track.controls.clear();
    track.pitch_bends.clear();
    track.pressures.clear();
  }
  return score;
}

RC_GTEST_PROP(MidiWriter, ReadInvertsWrite, ()) {
  Score score = any_score(5);
  keep_one_drum_track(score);
  const auto bytes = write_midi(score);
  RC_ASSERT(bytes.ok());
  const Result<Score> back = read_midi(*bytes, {.strict = true});
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == score);
}

RC_GTEST_PROP(MidiWriter, ReadInvertsWriteWhereChannelsAreShared, ()) {
  Score score = any_score(3);
  while (score.tracks.size() < 20) {
    score.tracks.push_back({.name = "x",
                            .program = static_cast<std::uint8_t>(*rc::gen::inRange(0, 128)),
                            .notes = {{Ticks(5), Ticks(5), 60, 1}}});
  }
  const Result<Score> back = read_midi(*write_midi(score), {.strict = true});
  RC_ASSERT(back.ok());
  RC_ASSERT(without_controls(*back) == without_controls(score));
}

RC_GTEST_PROP(MidiWriter, KitsThatShareTheDrumChannelAreKept, ()) {
  Score score = any_score(5);
  for (score::Track& track : score.tracks) track.is_drum = true;
  const Result<Score> back = read_midi(*write_midi(score), {.strict = true});
  RC_ASSERT(back.ok());
  RC_ASSERT(without_controls(*back) == without_controls(score));
}

Score tracks_of_programs(const std::vector<int>& programs) {
  Score score;
  for (const int program : programs) {
    score.tracks.push_back({.program = static_cast<std::uint8_t>(program), .notes = {{Ticks(0), Ticks(9), 60, 80}}});
  }
  return score;
}

std::vector<int> channels_of(const Score& score) {
  std::vector<int> channels;
  const midi::File file = *midi_from_score(score);
  for (std::size_t i = 1; i < file.tracks.size(); ++i) {
    channels.push_back(file.tracks[i].events.back().channel());
  }
  return channels;
}

TEST(MidiWriter, TracksHaveChannelsOfTheirOwnAndOnlyDrumsHaveTheTenth) {
  Score score = tracks_of_programs({0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 5});
  score.tracks[1].is_drum = true;
  EXPECT_EQ(channels_of(score), (std::vector<int>{0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 10}));
}

TEST(MidiWriter, ManyTracksThatSoundTogetherShareChannelsByProgram) {
  const std::vector<int> channels =
      channels_of(tracks_of_programs({1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}));
  for (std::size_t i = 0; i < channels.size(); ++i) EXPECT_EQ(channels[i], static_cast<int>(i % 3));
}

TEST(MidiWriter, ManyTracksThatTakeTurnsShareChannelsWithoutLoss) {
  Score score;
  for (int i = 0; i < 17; ++i) {
    score::Track& track = score.tracks.emplace_back();
    track.program = static_cast<std::uint8_t>(i);
    track.notes = {{Ticks(10 * i), Ticks(9), 60, 80}};
    track.controls = {{Ticks(10 * i), 7, static_cast<std::uint8_t>(i % 2 == 0 ? 90 : 91)}};
  }
  const midi::File file = *midi_from_score(score);
  std::set<int> channels;
  for (std::size_t i = 1; i < file.tracks.size(); ++i) channels.insert(file.tracks[i].events.back().channel());
  EXPECT_EQ(channels.size(), 15U);
  EXPECT_EQ(*score_from_midi(file), score);
}

TEST(MidiWriter, RepeatedNotesAreStruckAgain) {
  Score score;
  score.tracks.push_back({.notes = {{Ticks(0), Ticks(10), 60, 80}, {Ticks(10), Ticks(10), 60, 81}}});
  const midi::File file = *midi_from_score(score);
  const auto& events = file.tracks[1].events;
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[2].data2, 0);
  EXPECT_EQ(events[3].data2, 81);
}

TEST(MidiWriter, RefusesWhatMidiCannotHold) {
  const auto code_after = [](auto change) {
    Score score;
    score.tracks.push_back({.notes = {{Ticks(0), Ticks(10), 60, 80}}});
    change(score);
    const auto bytes = write_midi(score);
    return !bytes.ok() && bytes.error().code == ErrorCode::invalid_argument;
  };
  EXPECT_FALSE(code_after([](Score&) {}));
  EXPECT_TRUE(code_after([](Score& s) { s.ticks_per_quarter = 40000; }));
  EXPECT_TRUE(code_after([](Score& s) { s.tracks[0].notes[0].velocity = 0; }));
  EXPECT_TRUE(code_after([](Score& s) { s.tracks[0].notes[0].pitch = 128; }));
  EXPECT_TRUE(code_after([](Score& s) { s.tracks[0].notes[0].onset = Ticks(-1); }));
  EXPECT_TRUE(code_after([](Score& s) { s.tracks[0].program = 128; }));
  EXPECT_TRUE(code_after([](Score& s) { s.tempos = {{Ticks(0), 0}}; }));
  EXPECT_TRUE(code_after([](Score& s) { s.time_signatures = {{Ticks(0), 4, 3}}; }));
  EXPECT_TRUE(code_after([](Score& s) { s.key_signatures = {{Ticks(0), 8, false}}; }));
  EXPECT_TRUE(code_after([](Score& s) { s.markers = {{Ticks(-3), "x"}}; }));
}

TEST(MidiWriter, IrregularBarBecomesATimeSignature) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {{Ticks(0), Ticks(4800), 60, 80}};
  score.irregular_bars = {{Ticks(1920), Ticks(1440)}};
  const Score again = read_midi(write_midi(score).value()).value();
  EXPECT_EQ(again.time_signatures, (std::vector<score::TimeSignature>{{Ticks(1920), 3, 4}, {Ticks(3360), 4, 4}}));
  score.irregular_bars = {{Ticks(1920), Ticks(0)}};
  EXPECT_EQ(write_midi(score).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace continuo::notation
