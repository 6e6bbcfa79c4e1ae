#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/midi/parser.h"
#include "continuo/midi/writer.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"
#include "continuo/notation/notation.h"

namespace continuo::notation {
namespace {

using midi::EventKind;
using midi::File;

File file_of(int chunks, int format = 1) {
  File file;
  file.header = {format, midi::Division::per_quarter(480)};
  file.tracks.resize(static_cast<std::size_t>(chunks));
  return file;
}

void put(File& file, std::size_t chunk, const midi::Event& event) {
  file.tracks[chunk].events.push_back(event);
  file.tracks[chunk].end_time = event.time;
}

void put_text(File& file, std::size_t chunk, std::int64_t time, std::uint8_t type, const std::string& text) {
  put(file, chunk, file.meta(time, type, std::string_view(text)));
}

void put_note(File& file, std::size_t chunk, int channel, std::int64_t on, std::int64_t off) {
  put(file, chunk, File::channel_message(on, EventKind::note_on, channel, 60, 100));
  put(file, chunk, File::channel_message(off, EventKind::note_on, channel, 60, 0));
}

std::vector<Piece> read(const File& file, Diagnostics& diagnostics) {
  auto pieces = read_midi_with_side_events(*midi::write(file), diagnostics);
  EXPECT_TRUE(pieces.ok()) << pieces.error().to_line();
  return std::move(*pieces);
}

Piece read(const File& file) {
  Diagnostics diagnostics;
  return read(file, diagnostics).front();
}

// Events of a chunk as "TIME:TYPE:TEXT", of the types that a Score does not hold.
std::vector<std::string> side_events_of(const File& file, std::size_t chunk) {
  std::vector<std::string> list;
  for (const midi::Event& event : file.tracks.at(chunk).events) {
    const auto payload = file.payload(event);
    const bool is_name = event.kind() == EventKind::meta && event.data1 == midi::meta::kTrackName;
    if (event.is_channel_message() || is_name) continue;
    const std::string type = event.kind() == EventKind::meta ? std::to_string(event.data1) : "sysex";
    list.push_back(std::to_string(event.time) + ":" + type + ":" + std::string(payload.begin(), payload.end()));
  }
  return list;
}

// Names of a chunk as "TIME:NAME".
std::vector<std::string> names_of(const File& file, std::size_t chunk) {
  std::vector<std::string> list;
  for (const midi::Event& event : file.tracks.at(chunk).events) {
    if (event.kind() != EventKind::meta || event.data1 != midi::meta::kTrackName) continue;
    const auto payload = file.payload(event);
    list.push_back(std::to_string(event.time) + ":" + std::string(payload.begin(), payload.end()));
  }
  return list;
}

// A conductor with a copyright notice, a melody with lyrics, and a track of words alone, as karaoke files have it.
File song() {
  File file = file_of(3);
  put_text(file, 0, 0, midi::meta::kTrackName, "Song");
  put_text(file, 0, 0, midi::meta::kCopyright, "(C) 1999 \xE9");
  const std::vector<std::uint8_t> gm_on = {0x7E, 0x7F, 0x09, 0x01, 0xF7};
  put(file, 0, file.sysex(0, EventKind::sysex, gm_on));
  put_text(file, 1, 0, midi::meta::kTrackName, "Melody");
  put_note(file, 1, 0, 0, 480);
  put_text(file, 1, 480, midi::meta::kLyric, "la");
  put_note(file, 1, 0, 480, 960);
  put_text(file, 2, 0, midi::meta::kTrackName, "Words");
  put_text(file, 2, 0, midi::meta::kText, "@LENGL");
  put_text(file, 2, 470, midi::meta::kText, "la ");
  return file;
}

TEST(SideEvents, SurviveFromMidiToMidi_WithTickAndTrack) {
  const auto file = midi_from_piece(read(song()));
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(file->tracks.size(), 3u);
  EXPECT_EQ(side_events_of(*file, 0),
            (std::vector<std::string>{"0:2:(C) 1999 \xE9", std::string("0:sysex:\x7E\x7F\x09\x01\xF7")}));
  EXPECT_EQ(side_events_of(*file, 1), (std::vector<std::string>{"480:5:la"}));
  EXPECT_EQ(side_events_of(*file, 2), (std::vector<std::string>{"0:1:@LENGL", "470:1:la "}));
}

TEST(SideEvents, SecondTripChangesNothing) {
  const auto once = midi_from_piece(read(song()));
  const auto twice = midi_from_piece(read(*once));
  EXPECT_EQ(*once, *twice);
}

TEST(SideEvents, LyricComesAfterTheNoteThatEndsAndBeforeTheOneThatBegins) {
  const auto file = midi_from_piece(read(song()));
  std::vector<int> order;  // 0: a note ends, 1: text, 2: a note begins
  for (const midi::Event& event : file->tracks[1].events) {
    if (event.time == 480) order.push_back(!event.is_channel_message() ? 1 : event.data2 == 0 ? 0 : 2);
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(SideEvents, DoNotChangeTheScore) {
  const auto bytes = midi::write(song());
  EXPECT_EQ(read(song()).score, *read_midi(*bytes));
  const auto again = midi::write(*midi_from_piece(read(song())));
  EXPECT_EQ(*read_midi(*again), *read_midi(*bytes));
}

TEST(SideEvents, OfAFirstChunkOfOneTrackBelongToIt_ButForWhatConcernsThePiece) {
  File file = file_of(1, 0);
  put_text(file, 0, 0, midi::meta::kCopyright, "(C)");
  put_text(file, 0, 0, midi::meta::kLyric, "la");
  put_note(file, 0, 0, 0, 480);
  const Piece piece = read(file);
  ASSERT_EQ(piece.side_tracks.size(), 2u);
  EXPECT_EQ(piece.side_tracks[0].home, SideTrack::Home::piece);
  EXPECT_EQ(piece.side_tracks[0].events[0].payload, "(C)");
  EXPECT_EQ(piece.side_tracks[1].home, SideTrack::Home::track);
  EXPECT_EQ(piece.side_tracks[1].events[0].payload, "la");

  put_note(file, 0, 1, 480, 960);
  EXPECT_EQ(read(file).side_tracks.size(), 1u);
}

TEST(SideEvents, WhatAScoreHoldsIsNotDoubled) {
  File file = file_of(1, 0);
  put_text(file, 0, 0, midi::meta::kTrackName, "Title");
  put_text(file, 0, 0, midi::meta::kMarker, "A");
  put_text(file, 0, 0, midi::meta::kText, "chord:Am");
  put_note(file, 0, 0, 0, 480);
  EXPECT_TRUE(read(file).side_tracks.empty());
}

TEST(SideEvents, OfUnknownMeaningSurvive_AndNumbersOffsetsAndFurtherNames) {
  File file = file_of(2);
  put_text(file, 0, 0, midi::meta::kSequenceNumber, "\x01\x02");
  put_text(file, 0, 0, midi::meta::kTrackName, "Title");
  put_text(file, 0, 0, midi::meta::kTrackName, "Subtitle");
  put_text(file, 0, 0, midi::meta::kSmpteOffset, "12345");
  put_text(file, 0, 0, midi::meta::kSmpteOffset, std::string("\x60\0\0\0\0", 5));  // an offset of nothing
  put_text(file, 1, 0, midi::meta::kTrackName, "Flute");
  put_note(file, 1, 0, 0, 480);
  put_text(file, 1, 490, midi::meta::kTrackName, "later");
  put_text(file, 1, 500, 0x60, "?");
  const auto written = midi_from_piece(read(file));
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(side_events_of(*written, 0), (std::vector<std::string>{"0:0:\x01\x02", "0:84:12345"}));
  EXPECT_EQ(side_events_of(*written, 1), (std::vector<std::string>{"500:96:?"}));
  EXPECT_EQ(names_of(*written, 0), (std::vector<std::string>{"0:Title", "0:Subtitle"}));
  EXPECT_EQ(names_of(*written, 1), (std::vector<std::string>{"0:Flute", "490:later"}));
  Diagnostics lost;
  note_lost_side_events(read(file), "sound holds none", lost);
  EXPECT_EQ(lost.summary(),
            (std::vector<std::string>{"2 texts left out: sound holds none", "1 SMPTE offset left out: sound holds none",
                                      "2 other meta events left out: sound holds none"}));
}

TEST(SideEvents, NamesOfChunksWithoutNotesSurvive) {
  File file = file_of(3);
  put_text(file, 0, 0, midi::meta::kTrackName, "Title");
  put_text(file, 1, 0, midi::meta::kTrackName, "made by nobody");
  put_note(file, 2, 0, 0, 480);
  const auto written = midi_from_piece(read(file));
  ASSERT_TRUE(written.ok());
  ASSERT_EQ(written->tracks.size(), 3u);
  EXPECT_EQ(names_of(*written, 0), (std::vector<std::string>{"0:Title"}));
  EXPECT_EQ(names_of(*written, 2), (std::vector<std::string>{"0:made by nobody"}));
  EXPECT_EQ(*midi_from_piece(read(*written)), *written);
}

TEST(SideEvents, WhatIsLostIsNoted) {
  File file = file_of(1, 0);
  put_note(file, 0, 0, 0, 480);
  put(file, 0, File::channel_message(510, EventKind::note_on, 0, 60, 0));
  Diagnostics diagnostics;
  read(file, diagnostics);
  EXPECT_EQ(diagnostics.count(DiagnosticKind::damage), 1u);
  const auto lines = diagnostics.summary();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("track 0: a note ends that did not start"), std::string::npos) << lines[0];

  Diagnostics lost;
  note_lost_side_events(read(song()), "a picture holds none", lost);
  EXPECT_EQ(lost.summary(), (std::vector<std::string>{"1 lyric left out: a picture holds none",
                                                      "1 copyright notice left out: a picture holds none",
                                                      "2 texts left out: a picture holds none",
                                                      "1 system exclusive message left out: a picture holds none"}));
}

TEST(SideEvents, OfEveryPieceOfABookStayWithIt) {
  File file = file_of(2, 2);
  put_text(file, 0, 0, midi::meta::kLyric, "one");
  put_note(file, 0, 0, 0, 480);
  put_text(file, 1, 0, midi::meta::kLyric, "two");
  put_note(file, 1, 0, 0, 480);
  Diagnostics diagnostics;
  const auto pieces = read(file, diagnostics);
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[1].side_tracks.at(0).events.at(0).payload, "two");
}

TEST(SideEvents, TheFirstPieceWithNotesIsTheOneToConvert) {
  File file = file_of(3, 2);
  put_text(file, 0, 0, midi::meta::kTrackName, "silent");
  put_note(file, 1, 0, 0, 480);
  put_note(file, 2, 0, 0, 960);
  const auto bytes = midi::write(file);
  const auto book = read_music({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  ASSERT_TRUE(book.ok());
  EXPECT_EQ(book->first(), &book->pieces[1]);
  EXPECT_EQ(MusicFile{}.first(), nullptr);
  MusicFile silent;
  silent.pieces.resize(2);
  EXPECT_EQ(silent.first(), silent.pieces.data());
}

TEST(SideEvents, ThatMidiCannotHoldAreRefused) {
  Piece piece;
  piece.side_tracks.push_back({.events = {{.onset = score::Ticks(0), .type = midi::meta::kEndOfTrack}}});
  EXPECT_EQ(midi_from_piece(piece).error().code, ErrorCode::invalid_argument);
  piece.side_tracks[0].events[0] = {.onset = score::Ticks(0), .status = 0x90};
  EXPECT_FALSE(midi_from_piece(piece).ok());
  piece.side_tracks[0].events[0] = {.onset = score::Ticks(-1), .type = midi::meta::kLyric};
  EXPECT_FALSE(midi_from_piece(piece).ok());
}

TEST(SideEvents, OfATrackThatIsGoneHaveAChunkOfTheirOwn) {
  Piece piece = read(song());
  piece.score.tracks.clear();
  const auto file = midi_from_piece(piece);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(side_events_of(*file, 1), (std::vector<std::string>{"480:5:la"}));
}

}  // namespace
}  // namespace continuo::notation
