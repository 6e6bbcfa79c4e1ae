#include "../src/formats.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/notation/midi_writer.h"
#include "continuo/notation/notation.h"

#include "musicxml_text.h"

namespace continuo::notation {
namespace {

std::string midi_bytes() {
  score::Score score;
  score.tracks.push_back({.name = "Flute", .notes = {{score::Ticks(0), score::Ticks(480), 72, 90}}});
  const auto bytes = write_midi(score);
  return {bytes->begin(), bytes->end()};
}

const std::string kTune = "X:1\nT:Scale\nM:4/4\nL:1/4\nK:C\nC D E F|\n";

std::string sheet() { return testing::score_text(testing::first_measure(testing::note('C', 4, 8))); }

std::string_view name_of(std::string_view extension, std::string_view head) {
  const Format* format = format_of(extension, head);
  return format != nullptr ? format->name : "none";
}

TEST(Formats, ContentDecidesWhereTheExtensionIsUnknownOrWrong) {
  for (const char* extension : {"", ".txt", ".mid", ".abc", ".xml", ".kar"}) {
    EXPECT_EQ(name_of(extension, midi_bytes()), "Standard MIDI File") << extension;
    EXPECT_EQ(name_of(extension, std::string("RIFF\0\0\0\0RMIDdata", 16)), "Standard MIDI File") << extension;
    EXPECT_EQ(name_of(extension, kTune), "ABC") << extension;
    EXPECT_EQ(name_of(extension, "\xEF\xBB\xBF" + kTune), "ABC") << extension;
    EXPECT_EQ(name_of(extension, "% a comment\nX: 7\nT:a\nK:G\n"), "ABC") << extension;
    EXPECT_EQ(name_of(extension, "X:1\rT:a\rK:C\rCDEF|\r"), "ABC") << extension;
    EXPECT_EQ(name_of(extension, sheet()), "MusicXML") << extension;
    EXPECT_EQ(name_of(extension, "PK\x03\x04............META-INF/container.xml"), "MusicXML") << extension;
  }
}

TEST(Formats, ExtensionDecidesWhereTheContentSaysNothing) {
  EXPECT_EQ(name_of(".mid", "hello"), "Standard MIDI File");
  EXPECT_EQ(name_of(".abc", "T:no number\nK:C\n"), "ABC");
  EXPECT_EQ(name_of(".xml", "<html/>"), "MusicXML");
  EXPECT_EQ(name_of(".mid", ""), "Standard MIDI File");
}

TEST(Formats, WhatIsNoMusicIsOfNoFormat) {
  for (const char* text : {"", "hello", "X: marks the spot\n", "<html><body/></html>", "PK\x03\x04 a letter.docx",
                           "ID3", "RIFF1234WAVEfmt ", "to X:\nand K:\n"})
    EXPECT_EQ(name_of(".txt", text), "none") << text;
}

TEST(Formats, EveryRowIsComplete) {
  for (const Format& format : formats()) {
    EXPECT_FALSE(format.name.empty());
    ASSERT_FALSE(format.extensions.empty()) << format.name;
    EXPECT_NE(format.sniff, nullptr) << format.name;
    EXPECT_NE(format.read, nullptr) << format.name;
    EXPECT_EQ(format.write == nullptr, format.writable_extensions.empty()) << format.name;
    for (const std::string_view extension : format.extensions) EXPECT_EQ(format_with_extension(extension), &format);
  }
}

TEST(Formats, FilesWithWrongExtensionsAreRead) {
  const auto folder = std::filesystem::temp_directory_path() / "continuo_formats_test";
  std::filesystem::create_directories(folder);
  const std::pair<std::string, std::string> files[] = {
      {"midi.abc", midi_bytes()}, {"tune.mid", kTune}, {"sheet", sheet()}, {"tune.txt", kTune}};
  for (const auto& [name, content] : files) {
    ASSERT_TRUE(write_file(folder / name, content).ok());
    const auto score = read_score(folder / name);
    ASSERT_TRUE(score.ok()) << score.error().to_line();
    EXPECT_GE(score->note_count(), 1u) << name;
  }
  EXPECT_EQ(read_music_file(folder / "midi.abc")->format, "Standard MIDI File");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace continuo::notation
