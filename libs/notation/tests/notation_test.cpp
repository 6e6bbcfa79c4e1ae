#include "continuo/notation/notation.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "continuo/base/file.h"

#include "../src/text_encoding.h"

namespace continuo::notation {
namespace {

using score::Score;
using score::Ticks;

class Notation : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::temp_directory_path() / (std::string("continuo_notation_") + info->name() +
                                                  std::to_string(::testing::UnitTest::GetInstance()->random_seed()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path put(const std::string& name, const std::string& content) const {
    EXPECT_TRUE(write_file(folder_ / name, content).ok());
    return folder_ / name;
  }
  static Error error_of(const std::filesystem::path& path) {
    const Result<Score> score = read_score(path);
    EXPECT_FALSE(score.ok());
    return score.ok() ? Error{} : score.error();
  }

  std::filesystem::path folder_;
};

Score small_score() {
  Score score;
  score.title = "Small";
  score.tracks.push_back({.name = "Flute", .program = 73, .notes = {{Ticks(0), Ticks(480), 72, 90}}});
  return score;
}

TEST_F(Notation, WrittenScoresAreReadBack) {
  for (const char* name : {"a.mid", "b.MIDI"}) {
    ASSERT_TRUE(write_score(small_score(), folder_ / name).ok());
    EXPECT_EQ(*read_score(folder_ / name), small_score());
  }
  EXPECT_EQ(read_scores(folder_ / "a.mid")->size(), 1U);
}

TEST_F(Notation, ErrorsNameTheFileAndTheReason) {
  EXPECT_EQ(error_of(folder_ / "none.mid").code, ErrorCode::not_found);
  EXPECT_EQ(error_of(put("empty.mid", "")).code, ErrorCode::empty);
  EXPECT_EQ(error_of(put("text.mid", "hello, I am no music")).code, ErrorCode::wrong_format);
  EXPECT_EQ(error_of(put("short.mid", std::string("MThd\0\0\0\6\0\1", 10))).code, ErrorCode::truncated);
  EXPECT_EQ(error_of(put("song.mp3", "ID3")).code, ErrorCode::unsupported);
  EXPECT_EQ(error_of(put("nothing", "x")).code, ErrorCode::unsupported);
  const Error error = error_of(put("text.mid", "hello, I am no music"));
  EXPECT_EQ(error.path, (folder_ / "text.mid").string());
  EXPECT_EQ(error.to_line(),
            (folder_ / "text.mid").string() + ": not a MIDI file (it does not begin with MThd), byte 0");
}

TEST_F(Notation, EnormousFilesAreNotRead) {
  const std::filesystem::path path = put("huge.mid", "MThd");
  std::filesystem::resize_file(path, (std::uintmax_t{64} << 20) + 1);
  EXPECT_EQ(error_of(path).code, ErrorCode::too_large);
}

TEST_F(Notation, ScoresThatCannotBeWrittenLeaveTheFileAlone) {
  const std::filesystem::path path = put("kept.mid", "old");
  Score score = small_score();
  score.tracks[0].notes[0].velocity = 0;
  const Status status = write_score(score, path);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().path, path.string());
  EXPECT_EQ(*read_text_file(path), "old");
  EXPECT_EQ(write_score(small_score(), folder_ / "x.xyz").error().code, ErrorCode::unsupported);
  EXPECT_FALSE(write_score(small_score(), folder_ / "no_such_folder" / "x.mid").ok());
}

TEST_F(Notation, AbcIsReadByItsExtension) {
  const Result<Score> score = read_score(put("tune.abc", "X:1\nT:Scale\nM:4/4\nL:1/4\nK:C\nC D E F|\n"));
  ASSERT_TRUE(score.ok()) << score.error().to_line();
  EXPECT_EQ(score->title, "Scale");
  EXPECT_EQ(score->note_count(), 4U);
}

TEST(Extensions, WhatIsWritableIsReadable) {
  for (const std::string_view extension : writable_extensions()) {
    EXPECT_NE(std::ranges::find(readable_extensions(), extension), readable_extensions().end());
  }
}

std::string converted(std::string_view bytes) {
  return to_utf8(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

TEST(TextEncoding, Utf8StaysAndTheRestIsLatin1) {
  EXPECT_EQ(converted("plain"), "plain");
  EXPECT_EQ(converted("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(converted("caf\xE9"), "caf\xC3\xA9");
  EXPECT_EQ(converted("\xED\xA0\x80"), "\xC3\xAD\xC2\xA0\xC2\x80");
  EXPECT_EQ(converted("\xC3"), "\xC3\x83");
  EXPECT_EQ(converted(std::string_view("a\0b", 3)), "a");
  EXPECT_TRUE(is_utf8(converted("\xFF\xFE\x80 \xF0\x9F\x8E\xB5")));
}

TEST(TextEncoding, CutsBetweenCharacters) {
  EXPECT_EQ(cut_utf8("caf\xC3\xA9", 5), "caf\xC3\xA9");
  EXPECT_EQ(cut_utf8("caf\xC3\xA9", 4), "caf");
  EXPECT_EQ(cut_utf8("caf\xC3\xA9", 2), "ca");
}

}  // namespace
}  // namespace continuo::notation
