#include "continuo/dataset/dataset.h"

#include <cstring>

#include "music_folder.h"
#include "shards/token_file.h"

namespace continuo::dataset {
namespace {

namespace fs = std::filesystem;

class TokenFileTest : public MusicFolder {
 protected:
  fs::path path() const { return root_ / "a.tokens"; }
  void write_file_of(const std::vector<std::vector<std::uint16_t>>& pieces, int vocabulary = 100) const {
    auto writer = TokenFileWriter::create(path(), vocabulary);
    ASSERT_TRUE(writer.ok());
    for (std::size_t i = 0; i < pieces.size(); ++i)
      ASSERT_TRUE(writer->add(std::uint32_t(i), "piece" + std::to_string(i), pieces[i]).ok());
    ASSERT_TRUE(writer->finish().ok());
  }
  std::string bytes() const { return *read_text_file(path()); }
  void replace(const std::string& bytes) const { std::ofstream(path(), std::ios::binary) << bytes; }
};

TEST_F(TokenFileTest, Write_IsWhatTheFormatPageSays) {
  write_file_of({{1, 7, 2}}, 300);
  std::string expected = "CNTOKENS";
  const auto number = [&](std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) expected += char(value >> (8 * i));
  };
  number(1, 4);
  number(300, 4);
  for (const int value : {1, 3, 64, 72, 88, 102}) number(std::uint64_t(value), 8);
  for (const int value : {1, 7, 2, 0}) number(std::uint64_t(value), 2);
  number(0, 8);
  number(3, 8);
  number(0, 4);
  number(6, 4);
  expected += "piece0";
  EXPECT_EQ(bytes(), expected);
}

TEST_F(TokenFileTest, Read_GivesBackWhatWasWritten) {
  write_file_of({{1, 5, 6, 2}, {1, 2}, {1, 99, 2}});
  const auto file = read_token_file(path(), true);
  ASSERT_TRUE(file.ok()) << file.error().to_line();
  ASSERT_EQ(file->pieces.size(), 3u);
  EXPECT_EQ(file->tokens, 9u);
  EXPECT_EQ(file->names[2], "piece2");
  EXPECT_EQ((std::vector<std::uint16_t>(file->pieces[2].begin(), file->pieces[2].end())),
            (std::vector<std::uint16_t>{1, 99, 2}));
}

TEST_F(TokenFileTest, Read_FileOfNoPiece) {
  write_file_of({});
  const auto file = read_token_file(path(), true);
  ASSERT_TRUE(file.ok()) << file.error().to_line();
  EXPECT_TRUE(file->pieces.empty());
}

TEST_F(TokenFileTest, Read_EveryTruncationIsAnError) {
  write_file_of({{1, 5, 6, 2}, {1, 2}});
  const std::string whole = bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    replace(whole.substr(0, size));
    const auto file = read_token_file(path(), true);
    ASSERT_FALSE(file.ok()) << size;
    EXPECT_EQ(file.error().code, size < 8 ? ErrorCode::wrong_format : ErrorCode::truncated) << size;
    EXPECT_EQ(file.error().path, path().string());
  }
  replace(whole + "x");
  EXPECT_EQ(read_token_file(path(), true).error().code, ErrorCode::malformed);
}

// Whatever byte changes, the reader ends with an error or with spans that lie inside the file.
TEST_F(TokenFileTest, Read_EveryChangedByteIsCaughtOrHarmless) {
  write_file_of({{1, 5, 6, 2}, {1, 2}, {1, 44, 2}}, 50);
  const std::string whole = bytes();
  int caught = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int change : {1, 0x80, 0xff}) {
      std::string changed = whole;
      changed[at] = char(changed[at] ^ change);
      replace(changed);
      const auto file = read_token_file(path(), true);
      if (!file.ok()) {
        ++caught;
        continue;
      }
      for (const auto piece : file->pieces)
        for (const auto token : piece) ASSERT_LT(token, file->vocabulary_size);
    }
  }
  EXPECT_GT(caught, 200);
}

TEST_F(TokenFileTest, Read_TokensAreCheckedWhenAsked) {
  write_file_of({{1, 60, 2}}, 50);
  EXPECT_TRUE(read_token_file(path(), false).ok());
  const auto checked = read_token_file(path(), true);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::malformed);
  EXPECT_EQ(checked.error().where, "byte 66");
  write_file_of({{1, 20, 20}}, 50);
  EXPECT_FALSE(read_token_file(path(), true).ok());
  write_file_of({{20, 20, 2}}, 50);
  EXPECT_FALSE(read_token_file(path(), true).ok());
}

TEST_F(TokenFileTest, Write_FullDiskIsNoSpace) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full here";
  fs::create_symlink("/dev/full", path());
  auto writer = TokenFileWriter::create(path(), 50);
  ASSERT_TRUE(writer.ok());
  Status status;
  const std::vector<std::uint16_t> piece(10000, 1);
  for (int i = 0; i < 10 && status.ok(); ++i) status = writer->add(0, "x", piece);
  if (status.ok()) status = writer->finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::no_space);
}

class TokenDatasetTest : public MusicFolder {
 protected:
  void SetUp() override {
    write_pieces(12);
    const auto report = run(options());
    ASSERT_TRUE(report.ok()) << report.error().to_line();
  }
  ErrorCode code_of_open() const {
    const auto result = TokenDataset::open(output());
    EXPECT_FALSE(result.ok());
    return result.ok() ? ErrorCode::duplicate : result.error().code;
  }
  std::string manifest() const { return *read_text_file(output() / "manifest.json"); }
  void replace_manifest(const std::string& text) const { std::ofstream(output() / "manifest.json") << text; }
};

TEST_F(TokenDatasetTest, Open_MissingFolderAndForeignFolder) {
  EXPECT_EQ(TokenDataset::open(root_ / "none").error().code, ErrorCode::not_found);
  EXPECT_EQ(TokenDataset::open(source()).error().code, ErrorCode::wrong_format);
}

TEST_F(TokenDatasetTest, Open_ManifestCutAnywhereIsAnError) {
  const std::string whole = manifest();
  for (std::size_t size = 0; size + 2 < whole.size(); size += 7) {
    replace_manifest(whole.substr(0, size));
    ASSERT_EQ(code_of_open(), ErrorCode::wrong_format) << size;
  }
}

TEST_F(TokenDatasetTest, Open_ManifestWithoutAFieldOrOfAnotherKindIsAnError) {
  const auto whole = nlohmann::json::parse(manifest());
  for (const auto& [key, value] : whole.items()) {
    auto broken = whole;
    broken.erase(key);
    replace_manifest(broken.dump());
    EXPECT_FALSE(TokenDataset::open(output()).ok()) << key;
    broken[key] = value.is_number() ? nlohmann::json("x") : nlohmann::json(-5);
    replace_manifest(broken.dump());
    EXPECT_FALSE(TokenDataset::open(output()).ok()) << key;
  }
}

TEST_F(TokenDatasetTest, Open_ManifestCannotPointElsewhere) {
  auto broken = nlohmann::json::parse(manifest());
  broken["splits"]["train"]["file"] = "../output/train.tokens";
  replace_manifest(broken.dump());
  EXPECT_EQ(code_of_open(), ErrorCode::malformed);
}

TEST_F(TokenDatasetTest, Open_MissingTokensAndTokensOfAnotherBuild) {
  fs::copy_file(output() / "test.tokens", output() / "train.tokens", fs::copy_options::overwrite_existing);
  EXPECT_EQ(code_of_open(), ErrorCode::incompatible);
  fs::remove(output() / "train.tokens");
  EXPECT_EQ(code_of_open(), ErrorCode::not_found);
}

TEST_F(TokenDatasetTest, Open_AnotherVersionSaysSo) {
  auto other = nlohmann::json::parse(manifest());
  other["version"] = 3;
  replace_manifest(other.dump());
  EXPECT_EQ(code_of_open(), ErrorCode::unsupported);
}

TEST_F(TokenDatasetTest, Sequences_OutliveTheDataset) {
  auto dataset = TokenDataset::open(output());
  ASSERT_TRUE(dataset.ok());
  const TokenSequences kept = dataset->split(Split::kTrain);
  dataset = Error{ErrorCode::empty, "gone", {}, {}};
  EXPECT_EQ(kept.piece(0)[0], 1);
}

}  // namespace
}  // namespace continuo::dataset
