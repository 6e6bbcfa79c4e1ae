#include "continuo/notation/midi_reader.h"

#include <gtest/gtest.h>

#include "continuo/base/rng.h"
#include "continuo/midi/writer.h"
#include "continuo/notation/midi_writer.h"

#include "midi_fuzz.h"

namespace continuo::notation {
namespace {

using midi::Defect;
using midi::EventKind;
using midi::File;
using score::Note;
using score::Score;
using score::Ticks;

File file_of(int chunks, int format = 1) {
  File file;
  file.header = {format, midi::Division::per_quarter(480)};
  file.tracks.resize(static_cast<std::size_t>(chunks));
  return file;
}

void put(File& file, int chunk, std::int64_t time, EventKind kind, int channel, int data1, int data2 = 0) {
  midi::TrackChunk& track = file.tracks[static_cast<std::size_t>(chunk)];
  track.events.push_back(File::channel_message(time, kind, channel, data1, data2));
  track.end_time = time;
}

void put_meta(File& file, int chunk, std::int64_t time, std::uint8_t type, std::vector<std::uint8_t> bytes) {
  midi::TrackChunk& track = file.tracks[static_cast<std::size_t>(chunk)];
  track.events.push_back(file.meta(time, type, bytes));
  track.end_time = time;
}

void put_note(File& file, int chunk, int channel, int pitch, std::int64_t on, std::int64_t off) {
  put(file, chunk, on, EventKind::note_on, channel, pitch, 100);
  put(file, chunk, off, EventKind::note_off, channel, pitch, 64);
}

Score read(const File& file, midi::Diagnostics* diagnostics = nullptr) {
  const auto bytes = midi::write(file);
  EXPECT_TRUE(bytes.ok());
  const Result<Score> score = read_midi(*bytes, {}, diagnostics);
  EXPECT_TRUE(score.ok()) << score.error().to_line();
  const Result<Score> from_events = score_from_midi(file);
  EXPECT_TRUE(from_events.ok());
  EXPECT_EQ(*from_events, *score);
  return *score;
}

ErrorCode code_of(const File& file) {
  const Result<Score> score = read_midi(*midi::write(file));
  EXPECT_FALSE(score.ok());
  return score.ok() ? ErrorCode::io : score.error().code;
}

TEST(MidiReader, EndsTheOldestOpenNoteFirst) {
  File file = file_of(1);
  put(file, 0, 0, EventKind::note_on, 0, 60, 10);
  put(file, 0, 5, EventKind::note_on, 0, 60, 20);
  put(file, 0, 8, EventKind::note_off, 0, 60, 0);
  put(file, 0, 20, EventKind::note_on, 0, 60, 0);
  EXPECT_EQ(read(file).tracks[0].notes,
            (std::vector<Note>{{Ticks(0), Ticks(8), 60, 10, 0}, {Ticks(5), Ticks(15), 60, 20}}));
}

TEST(MidiReader, NotesOfOneTickAreKept) {
  File file = file_of(1);
  put_note(file, 0, 0, 60, 10, 10);
  EXPECT_EQ(read(file).tracks[0].notes, (std::vector<Note>{{Ticks(10), Ticks(0), 60, 100}}));
}

TEST(MidiReader, ANoteWithoutAnEndLastsToTheNextOfItsKeyElseOfItsChunk) {
  File file = file_of(2);
  put(file, 0, 0, EventKind::note_on, 0, 60, 10);
  put(file, 0, 30, EventKind::note_on, 0, 60, 10);
  put(file, 0, 40, EventKind::note_on, 3, 61, 10);
  file.tracks[0].end_time = 100;
  put(file, 1, 70, EventKind::note_off, 0, 60, 0);
  midi::Diagnostics diagnostics;
  const Score score = read(file, &diagnostics);
  EXPECT_EQ(score.tracks[0].notes, (std::vector<Note>{{Ticks(0), Ticks(30), 60, 10}, {Ticks(30), Ticks(70), 60, 10}}));
  EXPECT_EQ(score.tracks[1].notes[0].duration, Ticks(60));
  EXPECT_TRUE(diagnostics.contains(Defect::unended_note));
  EXPECT_TRUE(diagnostics.contains(Defect::unmatched_note_off));
  EXPECT_EQ(diagnostics.count(), 4U);
}

TEST(MidiReader, NotesOfAKeyThatBeginTogetherWithoutAnEndLastToTheNextOfTheirKey) {
  File file = file_of(1);
  for (const int time : {0, 0, 10, 10}) put(file, 0, time, EventKind::note_on, 0, 60, 10);
  file.tracks[0].end_time = 100;
  const Score score = read(file);
  std::vector<std::int64_t> durations;
  for (const Note& note : score.tracks[0].notes) durations.push_back(note.duration.value);
  EXPECT_EQ(durations, (std::vector<std::int64_t>{10, 10, 90, 90}));
}

TEST(MidiReader, ANoteWithoutAnEndLastsToTheLastEndOfItsKeyElseOfItsChunk) {
  File file = file_of(1);
  put(file, 0, 0, EventKind::note_on, 0, 60, 1);
  put(file, 0, 10, EventKind::note_on, 0, 60, 2);
  put(file, 0, 20, EventKind::note_off, 0, 60, 0);
  put(file, 0, 30, EventKind::note_on, 0, 60, 3);
  put(file, 0, 35, EventKind::note_on, 0, 70, 4);
  put(file, 0, 40, EventKind::note_off, 0, 60, 0);
  put_note(file, 0, 0, 65, 45, 50);
  file.tracks[0].end_time = 1000;
  EXPECT_EQ(read(file).tracks[0].notes, (std::vector<Note>{{Ticks(0), Ticks(20), 60, 1, 0},
                                                           {Ticks(10), Ticks(30), 60, 2, 0},
                                                           {Ticks(30), Ticks(10), 60, 3},
                                                           {Ticks(35), Ticks(15), 70, 4},
                                                           {Ticks(45), Ticks(5), 65, 100}}));
}

// A player merges the chunks, so a pedal holds the notes of all chunks of its channel.
TEST(MidiReader, ChunksOfOneChannelShareItsControls) {
  File file = file_of(2);
  put_note(file, 0, 0, 72, 0, 10);
  put_note(file, 0, 0, 74, 20, 30);
  put(file, 1, 0, EventKind::control_change, 0, 64, 127);
  put_note(file, 1, 0, 48, 5, 10);
  put(file, 1, 25, EventKind::control_change, 0, 64, 0);
  put_note(file, 1, 0, 50, 26, 30);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 2U);
  const auto pedal = [](std::int64_t time, int value, score::TickPlace place = score::TickPlace::between) {
    return score::ControlChange{Ticks(time), 64, static_cast<std::uint8_t>(value), place};
  };
  EXPECT_EQ(score.tracks[0].controls, (std::vector{pedal(0, 127, score::TickPlace::after_onsets), pedal(25, 0)}));
  EXPECT_EQ(score.tracks[1].controls, (std::vector{pedal(5, 127), pedal(25, 0)}));
}

TEST(MidiReader, AProgramThatAnotherChunkGivesTheChannelHolds) {
  File file = file_of(2);
  put(file, 0, 0, EventKind::program_change, 2, 30);
  put(file, 0, 50, EventKind::program_change, 2, 31);
  put_note(file, 1, 2, 60, 5, 10);
  put_note(file, 1, 2, 60, 55, 60);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 2U);
  EXPECT_EQ(score.tracks[0].program, 30);
  EXPECT_EQ(score.tracks[1].program, 31);
}

// A new program keeps the channel's volume, pan, bend and pedal; the release that comes after it ends the old one's.
TEST(MidiReader, AProgramChangeKeepsTheStateOfItsChannel) {
  File file = file_of(1);
  put(file, 0, 0, EventKind::control_change, 0, 7, 20);
  put(file, 0, 0, EventKind::control_change, 0, 7, 90);
  put(file, 0, 0, EventKind::pitch_bend, 0, 0, 70);
  put(file, 0, 1, EventKind::control_change, 0, 64, 127);
  put_note(file, 0, 0, 60, 2, 10);
  put(file, 0, 20, EventKind::program_change, 0, 19);
  put_note(file, 0, 0, 62, 30, 40);
  put(file, 0, 50, EventKind::control_change, 0, 64, 0);
  put(file, 0, 60, EventKind::control_change, 0, 64, 127);
  put(file, 0, 60, EventKind::control_change, 0, 7, 30);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 2U);
  using Controls = std::vector<score::ControlChange>;
  EXPECT_EQ(score.tracks[0].controls, (Controls{{Ticks(2), 7, 90}, {Ticks(2), 64, 127}, {Ticks(50), 64, 0}}));
  EXPECT_EQ(score.tracks[1].controls, (Controls{{Ticks(30), 7, 90}, {Ticks(30), 64, 127}, {Ticks(50), 64, 0}}));
  EXPECT_EQ(score.tracks[0].pitch_bends, (std::vector<score::PitchBend>{{Ticks(2), 768}}));
  EXPECT_EQ(score.tracks[1].pitch_bends, (std::vector<score::PitchBend>{{Ticks(30), 768}}));
}

// A small file must not become a large score.
TEST(MidiReader, ManyProgramsWithManyControlsDoNotMultiply) {
  File file = file_of(1);
  for (int program = 0; program < 100; ++program) {
    put(file, 0, 0, EventKind::program_change, 0, program);
    put(file, 0, 0, EventKind::note_on, 0, program, 1);
  }
  for (int i = 0; i < 50000; ++i) put(file, 0, i, EventKind::control_change, 0, 7, i % 128);
  for (int program = 0; program < 100; ++program) put(file, 0, 50000, EventKind::note_off, 0, program);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 100U);
  EXPECT_EQ(score.tracks[0].controls.size(), 50000U);
  for (std::size_t i = 1; i < score.tracks.size(); ++i) EXPECT_TRUE(score.tracks[i].controls.empty());
}

// Data entry means the parameter whose number was sent last, so a view has both.
TEST(MidiReader, ParametersKeepTheirNumbers) {
  File file = file_of(1);
  for (const auto& [controller, value] : {std::pair(101, 0), {100, 0}, {6, 12}, {101, 127}, {100, 127}, {6, 99}}) {
    put(file, 0, 0, EventKind::control_change, 0, controller, value);
  }
  put_note(file, 0, 0, 60, 2, 10);
  put(file, 0, 20, EventKind::program_change, 0, 19);
  put_note(file, 0, 0, 62, 30, 40);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 2U);
  using Controls = std::vector<score::ControlChange>;
  EXPECT_EQ(score.tracks[1].controls, (Controls{{Ticks(30), 101, 0}, {Ticks(30), 100, 0}, {Ticks(30), 6, 12}}));
}

TEST(MidiReader, ChannelsAndProgramsMakeTracks) {
  File file = file_of(1, 0);
  put(file, 0, 0, EventKind::program_change, 1, 40);
  put_note(file, 0, 1, 60, 0, 10);
  put_note(file, 0, 9, 36, 10, 20);
  put(file, 0, 20, EventKind::program_change, 1, 41);
  put_note(file, 0, 1, 61, 20, 30);
  put(file, 0, 30, EventKind::program_change, 1, 40);
  put_note(file, 0, 1, 62, 30, 40);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 3U);
  EXPECT_EQ(score.tracks[0].program, 40);
  EXPECT_EQ(score.tracks[0].notes.size(), 2U);
  EXPECT_TRUE(score.tracks[1].is_drum);
  EXPECT_FALSE(score.tracks[0].is_drum);
  EXPECT_EQ(score.tracks[2].program, 41);
}

TEST(MidiReader, ANoteThatSpansAProgramChangeStaysWhereItBegan) {
  File file = file_of(1);
  put(file, 0, 0, EventKind::note_on, 0, 60, 10);
  put(file, 0, 5, EventKind::program_change, 0, 7);
  put(file, 0, 9, EventKind::note_off, 0, 60, 10);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 1U);
  EXPECT_EQ(score.tracks[0].program, 0);
  EXPECT_EQ(score.tracks[0].notes[0].duration, Ticks(9));
}

TEST(MidiReader, ControlsBeforeTheProgramGoToItsTrack) {
  File file = file_of(1);
  put(file, 0, 0, EventKind::control_change, 0, 7, 90);
  put(file, 0, 0, EventKind::pitch_bend, 0, 0, 64);
  put(file, 0, 0, EventKind::program_change, 0, 19);
  put(file, 0, 0, EventKind::control_change, 0, 7, 91);
  put_note(file, 0, 0, 60, 0, 10);
  put(file, 0, 10, EventKind::program_change, 0, 20);
  put(file, 0, 12, EventKind::control_change, 0, 64, 127);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 1U);
  EXPECT_EQ(score.tracks[0].program, 19);
  ASSERT_EQ(score.tracks[0].controls.size(), 3U);
  EXPECT_EQ(score.tracks[0].controls[0].value, 90);
  EXPECT_EQ(score.tracks[0].controls[1].value, 91);
  EXPECT_EQ(score.tracks[0].controls[2].controller, 64);
  EXPECT_EQ(score.tracks[0].pitch_bends, (std::vector<score::PitchBend>{{Ticks(0), 0}}));
}

TEST(MidiReader, ControlsInAChunkOfTheirOwnGoToTheChannelsNotes) {
  File file = file_of(2);
  put(file, 0, 0, EventKind::program_change, 2, 30);
  put(file, 0, 0, EventKind::control_change, 2, 7, 90);
  put_note(file, 1, 2, 60, 5, 10);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 1U);
  EXPECT_EQ(score.tracks[0].program, 30);
  EXPECT_EQ(score.tracks[0].controls.size(), 1U);
}

TEST(MidiReader, ControlsOfAChannelWithoutNotesMakeNoTrack) {
  File file = file_of(2);
  put(file, 0, 0, EventKind::control_change, 2, 7, 90);
  put(file, 0, 0, EventKind::pitch_bend, 3, 0, 64);
  put_note(file, 1, 5, 60, 5, 10);
  const Score score = read(file);
  ASSERT_EQ(score.tracks.size(), 1U);
  EXPECT_TRUE(score.tracks[0].controls.empty());
  EXPECT_EQ(score.tracks[0].notes.size(), 1U);
}

TEST(MidiReader, AProgramThatComesAfterTheNotesOfAnotherChunkIsNotTheirs) {
  File file = file_of(2);
  put(file, 0, 100, EventKind::program_change, 2, 30);
  put_note(file, 1, 2, 60, 5, 10);
  EXPECT_EQ(read(file).tracks[0].program, 0);
}

TEST(MidiReader, TempoMeterKeyMarkersAndNames) {
  File file = file_of(2);
  put_meta(file, 0, 0, midi::meta::kTrackName, {'S', 'o', 'n', 'g'});
  put_meta(file, 0, 0, midi::meta::kTempo, {0x06, 0x1A, 0x80});
  put_meta(file, 0, 0, midi::meta::kTimeSignature, {6, 3, 36, 8});
  put_meta(file, 0, 0, midi::meta::kKeySignature, {0xFD, 1});
  put_meta(file, 0, 0, midi::meta::kText, {'c', 'h', 'o', 'r', 'd', ':', 'C', 'm'});
  put_meta(file, 0, 480, midi::meta::kTempo, {0x07, 0xA1, 0x20});
  put_meta(file, 0, 480, midi::meta::kMarker, {'A'});
  put_meta(file, 1, 0, midi::meta::kTrackName, {'C', 'a', 'f', 0xE9});
  put_meta(file, 1, 0, midi::meta::kInstrumentName, {'V', 'i', 'o', 'l', 'a'});
  put_note(file, 1, 0, 60, 0, 10);
  const Score score = read(file);
  EXPECT_EQ(score.title, "Song");
  EXPECT_EQ(score.tempos, (std::vector<score::Tempo>{{Ticks(0), 400000}, {Ticks(480), 500000}}));
  EXPECT_EQ(score.time_signatures, (std::vector<score::TimeSignature>{{Ticks(0), 6, 8}}));
  EXPECT_EQ(score.key_signatures, (std::vector<score::KeySignature>{{Ticks(0), -3, true}}));
  EXPECT_EQ(score.markers, (std::vector<score::Marker>{{Ticks(480), "A"}}));
  EXPECT_EQ(score.chord_symbols, (std::vector<score::ChordSymbol>{{Ticks(0), "Cm"}}));
  ASSERT_EQ(score.tracks.size(), 1U);
  EXPECT_EQ(score.tracks[0].name, "Caf\xC3\xA9");
}

TEST(MidiReader, ImpossibleMetaValuesAreLeftOut) {
  File file = file_of(1);
  put_meta(file, 0, 0, midi::meta::kTempo, {0, 0, 0});
  put_meta(file, 0, 0, midi::meta::kTempo, {1});
  put_meta(file, 0, 0, midi::meta::kTimeSignature, {4, 200});
  put_meta(file, 0, 0, midi::meta::kTimeSignature, {0, 2});
  put_meta(file, 0, 0, midi::meta::kKeySignature, {9, 0});
  put_meta(file, 0, 0, midi::meta::kKeySignature, {0, 7});
  midi::Diagnostics diagnostics;
  const Score score = read(file, &diagnostics);
  EXPECT_EQ(score, (Score{.title = "", .ticks_per_quarter = 480}));
  EXPECT_EQ(diagnostics.count(), 6U);
  EXPECT_TRUE(diagnostics.contains(Defect::bad_meta_value));
  EXPECT_FALSE(read_midi(*midi::write(file), {.strict = true}).ok());
}

TEST(MidiReader, SmpteTicksBecomeSeconds) {
  File file = file_of(1);
  file.header.division.raw = 0xE728;  // 25 frames of 40 ticks
  put_meta(file, 0, 0, midi::meta::kTempo, {0x06, 0x1A, 0x80});
  put_note(file, 0, 0, 60, 0, 2500);
  EXPECT_DOUBLE_EQ(read(file).duration().value, 2.5);
  file.header.division.raw = 0xE350;  // 29 frames, drop frame, of 80 ticks
  EXPECT_DOUBLE_EQ(read(file).duration().value, 2500.0 / (30000.0 / 1001.0 * 80));
}

TEST(MidiReader, TicksWithoutALengthAreRefused) {
  File file = file_of(1);
  for (const int raw : {0x0000, 0xFFFF, 0xE700}) {
    file.header.division.raw = static_cast<std::uint16_t>(raw);
    EXPECT_EQ(code_of(file), ErrorCode::malformed) << raw;
  }
}

TEST(MidiReader, MusicOfMoreThanAWeekIsRefused) {
  File file = file_of(1);
  put_note(file, 0, 0, 60, 0, std::int64_t{700000} * 960);
  EXPECT_EQ(code_of(file), ErrorCode::too_large);
}

TEST(MidiReader, TooManyTracksAreRefused) {
  File file = file_of(3);
  for (int chunk = 0; chunk < 3; ++chunk) {
    for (int channel = 0; channel < 16; ++channel) {
      for (int program = 0; program < 128; ++program) {
        put(file, chunk, 0, EventKind::program_change, channel, program);
        put(file, chunk, 0, EventKind::note_on, channel, 60, 1);
        put(file, chunk, 0, EventKind::note_on, channel, 60, 0);
      }
    }
  }
  EXPECT_EQ(code_of(file), ErrorCode::too_large);
  file.tracks.pop_back();
  EXPECT_EQ(read(file).tracks.size(), kMostTracks);
}

TEST(MidiReader, Format2HoldsPieces) {
  File file = file_of(3, 2);
  put_note(file, 1, 0, 60, 0, 10);
  put_note(file, 2, 0, 62, 0, 20);
  const auto bytes = *midi::write(file);
  const auto pieces = read_midi_pieces(bytes);
  ASSERT_TRUE(pieces.ok());
  ASSERT_EQ(pieces->size(), 3U);
  EXPECT_EQ((*pieces)[2].end(), Ticks(20));
  EXPECT_EQ(read_midi(bytes)->end(), Ticks(10));
}

TEST(MidiReader, MusicWithoutNotesIsNoError) { EXPECT_EQ(read(file_of(2)).note_count(), 0U); }

TEST(MidiReader, DamagedFilesNeverCrash) {
  const auto good = midi_seeds().front();
  Rng rng(5);
  int read_well = 0;
  for (int round = 0; round < 20000; ++round) {
    auto bytes = good;
    for (std::uint64_t changes = 1 + rng.below(3); changes > 0; --changes) {
      bytes[rng.below(bytes.size())] = static_cast<std::uint8_t>(rng.below(256));
    }
    if (rng.below(4) == 0) bytes.resize(rng.below(bytes.size()));
    ASSERT_EQ(fuzz_midi(bytes), "") << "round " << round;
    read_well += read_midi(bytes).ok() ? 1 : 0;
  }
  EXPECT_GT(read_well, 5000);
}

}  // namespace
}  // namespace continuo::notation
