// What a channel is set to when a note begins, before and after a file is read and written again.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "continuo/midi/parser.h"
#include "continuo/midi/writer.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"

namespace continuo::notation {
namespace {

using midi::EventKind;
using midi::File;
using score::Ticks;

constexpr int kReset = 121;

// A channel as a synthesizer has it. Source: MIDI 1.0 and its Recommended Practice 15.
struct ChannelModel {
  std::map<int, int> controls;
  std::map<std::array<int, 3>, std::map<int, int>> parameters;
  std::array<int, 3> parameter{1, 127, 127};  // registered or not, and its number
  std::map<int, int> key_pressures;
  int bend = 8192, pressure = 0;
  int program = 0;
  std::array<int, 2> sent_bank{}, bank{};
  friend bool operator==(const ChannelModel&, const ChannelModel&) = default;

  static bool is_reset(int c) { return c != 7 && c != 10 && !(70 <= c && c <= 79) && !(91 <= c && c <= 95); }
  void reset() {
    std::erase_if(controls, [](const auto& each) { return is_reset(each.first); });
    parameter = {1, 127, 127};
    key_pressures.clear();
    bend = 8192;
    pressure = 0;
  }
  void control(int controller, int value) {
    if (controller == 0 || controller == 32) {
      sent_bank[controller == 32] = value;
    } else if (controller == kReset) {
      reset();
    } else if (98 <= controller && controller <= 101) {
      const bool is_registered = controller >= 100;
      if (parameter[0] != is_registered) parameter = {is_registered, 127, 127};
      parameter[controller % 2 == 1 ? 1 : 2] = value;
    } else if (controller == 6 || controller == 38) {
      if (parameter[1] != 127 || parameter[2] != 127) parameters[parameter][controller] = value;
    } else if (controller < 120) {
      controls[controller] = value;
      if (is_reset(controller) && value == (controller == 11 ? 127 : 0)) controls.erase(controller);  // as if never set
    }
  }
  void apply(const midi::Event& event) {
    switch (event.kind()) {
      case EventKind::control_change:
        return control(event.data1, event.data2);
      case EventKind::program_change:
        program = event.data1;
        bank = sent_bank;
        return;
      case EventKind::pitch_bend:
        bend = event.data1 | event.data2 << 7;
        return;
      case EventKind::channel_pressure:
        pressure = event.data1;
        return;
      case EventKind::poly_pressure:
        if (event.data2 == 0) key_pressures.erase(event.data1);
        if (event.data2 > 0) key_pressures[event.data1] = event.data2;
        return;
      default:
        return;
    }
  }
};

// What a note has of its channel.
struct HeardNote {
  std::int64_t onset;
  int pitch, velocity;
  bool is_drum;
  int program;
  std::array<int, 2> bank;
  int bend, pressure, key_pressure;
  std::map<int, int> controls;
  std::map<std::array<int, 3>, std::map<int, int>> parameters;
  friend auto operator<=>(const HeardNote&, const HeardNote&) = default;
};

struct Placed {
  midi::Event event;
  int program = 0;  // of a note: the one in force
};

std::vector<Placed> merged(const File& file, int channel) {
  std::vector<Placed> events;
  for (const midi::TrackChunk& chunk : file.tracks) {
    for (const midi::Event& event : chunk.events) {
      if (event.is_channel_message() && event.channel() == channel) events.push_back({event});
    }
  }
  std::ranges::stable_sort(events, {}, [](const Placed& each) { return each.event.time; });
  return events;
}

// Programs hold from event to event. Before the first, notes have program 0, but those of its tick have the first.
void find_programs(std::vector<Placed>& events) {
  const auto first = std::ranges::find(events, EventKind::program_change, [](auto& e) { return e.event.kind(); });
  int program = 0;
  for (Placed& each : events) {
    if (first != events.end() && each.event.time == first->event.time && &each < &*first) program = first->event.data1;
    if (each.event.kind() == EventKind::program_change) program = each.event.data1;
    each.program = program;
  }
}

// Each note with all that its channel is set to by the end of the tick in which it begins.
std::vector<HeardNote> heard(const File& file) {
  std::vector<HeardNote> notes;
  for (int channel = 0; channel < 16; ++channel) {
    std::vector<Placed> events = merged(file, channel);
    find_programs(events);
    ChannelModel model;
    for (std::size_t begin = 0, end = 0; begin < events.size(); begin = end) {
      for (; end < events.size() && events[end].event.time == events[begin].event.time; ++end) {
        model.apply(events[end].event);
      }
      for (std::size_t i = begin; i < end; ++i) {
        const midi::Event& event = events[i].event;
        if (event.kind() != EventKind::note_on || event.data2 == 0) continue;
        const auto key = model.key_pressures.find(event.data1);
        notes.push_back({event.time, event.data1, event.data2, channel == 9, events[i].program, model.bank, model.bend,
                         model.pressure, key == model.key_pressures.end() ? 0 : key->second, model.controls,
                         model.parameters});
      }
    }
  }
  std::ranges::sort(notes);
  return notes;
}

int any_of(std::vector<int> values) { return *rc::gen::elementOf(values); }

midi::Event any_event(std::int64_t time) {
  const int channel = any_of({0, 1, 9});
  switch (any_of({0, 0, 1, 1, 1, 2, 3, 4, 5})) {
    case 0:
      return File::channel_message(time, EventKind::note_on, channel, any_of({60, 61}), 1 + *rc::gen::inRange(0, 127));
    case 1:
      return File::channel_message(time, EventKind::control_change, channel,
                                   any_of({0, 32, 1, 7, 64, 71, 91, 6, 38, 98, 99, 100, 101, kReset}),
                                   any_of({0, 1, 2, 127}));
    case 2:
      return File::channel_message(time, EventKind::program_change, channel, any_of({0, 5}));
    case 3:
      return File::channel_message(time, EventKind::pitch_bend, channel, any_of({0, 1}), any_of({63, 64}));
    case 4:
      return File::channel_message(time, EventKind::channel_pressure, channel, any_of({0, 1, 127}));
    default:
      return File::channel_message(time, EventKind::poly_pressure, channel, any_of({60, 61}), any_of({0, 1, 127}));
  }
}

File any_file() {
  File file;
  file.header = {1, midi::Division::per_quarter(480)};
  file.tracks.resize(*rc::gen::inRange<std::size_t>(1, 4));
  for (midi::TrackChunk& chunk : file.tracks) {
    std::int64_t time = 0;
    for (int events = *rc::gen::inRange(0, 40); events > 0; --events) {
      time += any_of({0, 0, 1, 2});
      chunk.events.push_back(any_event(time));
    }
    for (const int channel : {0, 1, 9}) {
      for (const int key : {60, 61}) {
        for (int off = 0; off < 40; ++off) {
          chunk.events.push_back(File::channel_message(time + 5, EventKind::note_on, channel, key, 0));
        }
      }
    }
    chunk.end_time = time + 5;
  }
  return file;
}

std::string listed(const File& file) {
  std::string text;
  for (const midi::TrackChunk& chunk : file.tracks) {
    text += "chunk\n";
    for (const midi::Event& event : chunk.events) {
      const bool is_end = event.kind() == EventKind::note_on && event.data2 == 0;
      if (!event.is_channel_message() || is_end) continue;
      text += "  " + std::to_string(event.time) + " channel " + std::to_string(event.channel()) + " " +
              std::string(to_string(event.kind())) + " " + std::to_string(event.data1) + " " +
              std::to_string(event.data2) + "\n";
    }
  }
  return text;
}

File one_chunk(std::vector<midi::Event> events) {
  File file;
  file.header = {1, midi::Division::per_quarter(480)};
  file.tracks.push_back({std::move(events), 1000});
  return file;
}

midi::Event control(std::int64_t time, int controller, int value) {
  return File::channel_message(time, EventKind::control_change, 0, controller, value);
}
midi::Event program(std::int64_t time, int number) {
  return File::channel_message(time, EventKind::program_change, 0, number);
}
midi::Event note(std::int64_t time) { return File::channel_message(time, EventKind::note_on, 0, 60, 90); }

score::Track only_track(const File& file) {
  const auto score = score_from_midi(file);
  EXPECT_TRUE(score.ok());
  EXPECT_EQ(score->tracks.size(), 1U);
  return score->tracks.at(0);
}

using Controls = std::vector<score::ControlChange>;

TEST(ChannelState, ABankTakesEffectWithTheNextProgramChange) {
  const File file = one_chunk({control(0, 0, 8), control(1, 0, 9), control(2, 32, 3), program(10, 5), note(10),
                               control(20, 0, 1), program(20, 5), note(30), control(40, 0, 2), note(50)});
  EXPECT_EQ(only_track(file).controls, (Controls{{Ticks(10), 0, 9}, {Ticks(10), 32, 3}, {Ticks(20), 0, 1}}));
  EXPECT_EQ(heard(*midi_from_score(*score_from_midi(file))), heard(file));
  EXPECT_TRUE(only_track(one_chunk({program(0, 5), control(0, 0, 8), note(0)})).controls.empty());
}

TEST(ChannelState, TracksOfOneChannelKeepTheirBanks) {
  score::Score score;
  for (int i = 0; i < 18; ++i) {
    score::Track& track = score.tracks.emplace_back();
    track.program = 7;
    track.is_drum = i < 2;
    track.notes = {{Ticks(i), Ticks(50), 60, 80}, {Ticks(20 + i), Ticks(50), 60, 80}};
    if (i % 3 > 0) track.controls = {{Ticks(i), 0, static_cast<std::uint8_t>(i % 3)}};
  }
  const File file = *midi_from_score(score);
  std::map<std::int64_t, int> bank_of_onset;
  for (const HeardNote& each : heard(file)) bank_of_onset[each.onset] = each.bank[0];
  for (int i = 0; i < 18; ++i) {
    EXPECT_EQ(bank_of_onset[i], i % 3);
    EXPECT_EQ(bank_of_onset[20 + i], i % 3);
  }
}

TEST(ChannelState, ResettingControllersResetsBendAndPressureButNoSound) {
  const auto bend = [](std::int64_t time, int coarse) {
    return File::channel_message(time, EventKind::pitch_bend, 0, 0, coarse);
  };
  const auto pressure = File::channel_message(0, EventKind::channel_pressure, 0, 9);
  // Two programs on one channel: two tracks, each with its view.
  const File file = one_chunk({control(0, 74, 20), control(0, 11, 50), bend(0, 100), pressure, note(0), bend(10, 90),
                               control(10, 121, 0), program(20, 5), note(20)});
  const auto score = score_from_midi(file);
  ASSERT_EQ(score->tracks.size(), 2U);
  EXPECT_EQ(score->tracks[1].controls, (Controls{{Ticks(20), 11, 127}, {Ticks(20), 74, 20}}));
  EXPECT_EQ(score->tracks[1].pitch_bends, (std::vector<score::PitchBend>{{Ticks(20), 0}}));
  EXPECT_EQ(score->tracks[1].pressures, (std::vector<score::Pressure>{{Ticks(20), score::Pressure::kAllKeys, 0}}));
  EXPECT_EQ(heard(*midi_from_score(*score)), heard(file));
}

TEST(ChannelState, PressuresSurvive) {
  const File file = one_chunk({File::channel_message(0, EventKind::channel_pressure, 0, 9), note(0),
                               File::channel_message(5, EventKind::poly_pressure, 0, 60, 7)});
  EXPECT_EQ(only_track(file).pressures,
            (std::vector<score::Pressure>{{Ticks(0), score::Pressure::kAllKeys, 9}, {Ticks(5), 60, 7}}));
  EXPECT_EQ(only_track(*midi_from_score(*score_from_midi(file))).pressures, only_track(file).pressures);
  for (const score::Pressure& wrong : {score::Pressure{Ticks(-1), 60, 7}, {Ticks(0), 128, 7}, {Ticks(0), 60, 128}}) {
    score::Score score = *score_from_midi(file);
    score.tracks[0].pressures = {wrong};
    EXPECT_EQ(midi_from_score(score).error().code, ErrorCode::invalid_argument);
  }
}

TEST(ChannelState, WhatIsForOneNoteIsKeptForEach) {
  // A second program makes two views of the channel.
  const File file = one_chunk({control(0, 84, 48), note(0), control(10, 84, 48), note(10), program(20, 5), note(20)});
  const auto score = score_from_midi(file);
  ASSERT_EQ(score->tracks.size(), 2U);
  EXPECT_EQ(score->tracks[0].controls, (Controls{{Ticks(0), 84, 48}, {Ticks(10), 84, 48}}));
  EXPECT_TRUE(score->tracks[1].controls.empty());
}

RC_GTEST_PROP(ChannelState, AtEachNoteIsTheSameOnceWrittenAndReadAgain, ()) {
  const File file = any_file();
  const auto score = score_from_midi(file);
  RC_ASSERT(score.ok());
  const auto written = midi_from_score(*score);
  RC_ASSERT(written.ok());
  RC_LOG() << listed(file) << "written as\n" << listed(*written);
  RC_ASSERT(heard(*written) == heard(file));
}

}  // namespace
}  // namespace continuo::notation
