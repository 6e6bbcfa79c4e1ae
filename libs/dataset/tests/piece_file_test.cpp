#include "shards/piece_file.h"

#include "music_folder.h"

namespace continuo::dataset {
namespace {

namespace fs = std::filesystem;

class PieceFileTest : public MusicFolder {
 protected:
  fs::path path() const { return root_ / "pieces"; }
  static nlohmann::json header() { return {{"name", "test"}}; }
  static PieceRecord piece(std::uint32_t file) {
    PieceRecord record;
    record.file = file;
    record.name = "piece" + std::to_string(file);
    record.key = {file * 7u, file * 11u};
    record.notes = 9;
    record.copies = {{.semitones = 0, .tokens = 3}, {.semitones = -2, .tokens = 2}};
    record.copies.push_back({.semitones = 1, .code = "io", .reason = "because", .where = "there"});
    return record;
  }
  // Blocks of one file each.
  void write_blocks(std::uint32_t files, bool finished) const {
    auto writer = PieceFileWriter::create(path(), header());
    ASSERT_TRUE(writer.ok());
    for (std::uint32_t file = 0; file < files; ++file) {
      writer->add({piece(file)}, std::vector<std::uint16_t>{1, 5, 2, 1, 2}, {{"cue notes", file}}, file + 1);
      ASSERT_TRUE(writer->flush().ok());
    }
    if (finished) {
      ASSERT_TRUE(writer->finish().ok());
    }
  }
  void cut_to(std::uint64_t bytes) const { fs::resize_file(path(), bytes); }
};

TEST_F(PieceFileTest, GivesBackWhatWasWritten) {
  write_blocks(3, true);
  auto reader = PieceFileReader::open(path(), PieceFileReader::Tokens::kRead);
  ASSERT_TRUE(reader.ok()) << reader.error().to_line();
  EXPECT_EQ(reader->header(), header());
  for (std::uint32_t file = 0; file < 3; ++file) {
    const auto block = reader->next();
    ASSERT_TRUE(block.ok()) << block.error().to_line();
    ASSERT_EQ((*block)->records.size(), 1u);
    const PieceRecord& record = (*block)->records[0];
    EXPECT_EQ(record.name, piece(file).name);
    EXPECT_EQ(record.key.group, piece(file).key.group);
    ASSERT_EQ(record.copies.size(), 3u);
    EXPECT_EQ(record.copies[1].semitones, -2);
    EXPECT_EQ(record.copies[2].where, "there");
    EXPECT_EQ((*block)->tokens, (std::vector<std::uint16_t>{1, 5, 2, 1, 2}));
    EXPECT_EQ((*block)->next_file, file + 1);
    EXPECT_EQ((*block)->left_out, (corpus::LeftOut{{"cue notes", file}}));
  }
  EXPECT_TRUE((*reader->next())->records.empty()) << "the mark of the end";
  EXPECT_TRUE(reader->complete());
  EXPECT_EQ(*reader->next(), nullptr);
}

TEST_F(PieceFileTest, ResumesBehindTheLastWholeBlockWhereverItIsCut) {
  write_blocks(4, true);
  const std::string whole = *read_text_file(path());
  std::uint32_t last = 0;
  for (std::uint64_t size = 0; size <= whole.size(); ++size) {
    std::ofstream(path(), std::ios::binary) << whole.substr(0, size);
    auto writer = PieceFileWriter::resume(path(), header());
    ASSERT_TRUE(writer.ok());
    if (!*writer) {
      EXPECT_EQ(last, 0u);
      continue;
    }
    const std::uint32_t next = (*writer)->next_file();
    EXPECT_GE(next, last);
    last = next;
    for (std::uint32_t file = next; file < 4; ++file) {
      (*writer)->add({piece(file)}, std::vector<std::uint16_t>{1, 5, 2, 1, 2}, {{"cue notes", file}}, file + 1);
      ASSERT_TRUE((*writer)->flush().ok());
    }
    ASSERT_TRUE((*writer)->finish().ok());
    ASSERT_EQ(*read_text_file(path()), whole) << "cut at " << size;
  }
  EXPECT_EQ(last, 4u);
}

TEST_F(PieceFileTest, DoesNotResumeAnotherBuildsFile) {
  write_blocks(2, false);
  EXPECT_FALSE(PieceFileWriter::resume(path(), {{"name", "other"}})->has_value());
  EXPECT_FALSE(PieceFileWriter::resume(root_ / "none", header())->has_value());
  EXPECT_TRUE(PieceFileWriter::resume(path(), header())->has_value());
}

TEST_F(PieceFileTest, EveryChangedByteIsAnError) {
  write_blocks(3, true);
  const std::string whole = *read_text_file(path());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = char(changed[at] ^ 1);
    std::ofstream(path(), std::ios::binary) << changed;
    auto reader = PieceFileReader::open(path(), PieceFileReader::Tokens::kRead);
    bool caught = !reader.ok();
    while (!caught) {
      const auto block = reader->next();
      caught = !block.ok();
      if (block.ok() && *block == nullptr) break;
    }
    EXPECT_TRUE(caught) << "byte " << at;
  }
}

}  // namespace
}  // namespace continuo::dataset
