#include "build/work_folder.h"
#include "music_folder.h"
#include "shards/piece_file.h"
#include "shards/shard_name.h"

namespace continuo::dataset {
namespace {

namespace fs = std::filesystem;

class MergeTest : public MusicFolder {
 protected:
  fs::path part(int index) const { return root_ / ("part" + std::to_string(index)); }
  BuildReport build_part(BuildOptions options, int index, int count) const {
    options.output = part(index);
    options.shard_index = index;
    options.shard_count = count;
    auto report = run(options);
    EXPECT_TRUE(report.ok()) << report.error().to_line();
    return report.ok() ? *std::move(report) : BuildReport{};
  }
  std::vector<fs::path> build_parts(const BuildOptions& options, int count) const {
    std::vector<fs::path> folders;
    for (int index = 0; index < count; ++index) {
      build_part(options, index, count);
      folders.push_back(part(index));
    }
    return folders;
  }
};

TEST_F(MergeTest, IsByteForByteTheBuildOfOneProcess) {
  write_pieces(23);
  write("broken.mid", "MThd");
  write_music("zz_again.mid", music(3));
  write_music("zz_drums.mid", music(77, 20, true));
  fs::create_symlink("nothing", source() / "dead.mid");
  for (const char* tokenizer : {"remi", "note_chord"}) {
    BuildOptions whole = options();
    whole.tokenizer = tokenizer;
    whole.transpose_up = 2;
    ASSERT_TRUE(run(whole).ok());
    const auto expected = contents(output());
    for (const int count : {2, 5, 40}) {
      auto folders = build_parts(whole, count);
      std::reverse(folders.begin(), folders.end());
      const auto merged = run_merge(folders, root_ / "merged");
      ASSERT_TRUE(merged.ok()) << merged.error().to_line();
      EXPECT_EQ(merged->rejects.at("duplicate"), 1u);
      EXPECT_EQ(contents(root_ / "merged"), expected) << count << " shards";
      for (const auto& folder : folders) fs::remove_all(folder);
    }
  }
}

TEST_F(MergeTest, ShardsMayShareAFolder) {
  write_pieces(10);
  write_cues("cue.musicxml");
  ASSERT_TRUE(run(options()).ok());
  const auto expected = contents(output());
  BuildOptions shared = options();
  shared.output = root_ / "parts";
  shared.shard_count = 3;
  for (const int index : {2, 0, 1}) {
    shared.shard_index = index;
    ASSERT_TRUE(run(shared).ok());
  }
  EXPECT_EQ(TokenDataset::open(root_ / "parts").error().code, ErrorCode::incompatible) << "not merged yet";
  const auto merged = run_merge({root_ / "parts"}, root_ / "merged");
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(merged->left_out, (std::map<std::string, std::uint64_t>{{"cue notes", 2}}));
  EXPECT_EQ(contents(root_ / "merged"), expected);
}

TEST_F(MergeTest, MissingRepeatedAndForeignShardsAreRefused) {
  write_pieces(12);
  const auto folders = build_parts(options(), 3);
  const auto refused = [&](const std::vector<fs::path>& from) {
    const auto merged = run_merge(from, output());
    EXPECT_FALSE(merged.ok());
    EXPECT_FALSE(fs::exists(output()));
    return merged.ok() ? Error{} : merged.error();
  };
  EXPECT_NE(refused({folders[0], folders[2]}).what.find("lacks 1 of 3 shards: 2"), std::string::npos);
  EXPECT_EQ(refused({folders[0], folders[1], folders[2], folders[0]}).what, "is shard 1 again");
  EXPECT_EQ(refused({source()}).code, ErrorCode::incompatible);
  EXPECT_EQ(refused({root_ / "none"}).code, ErrorCode::not_found);
  EXPECT_EQ(refused({}).code, ErrorCode::invalid_argument);
  BuildOptions other = options();
  const auto replaced_by = [&](auto change) {
    BuildOptions changed = options();
    change(changed);
    build_part(changed, 1, 3);
    return refused(folders).code;
  };
  EXPECT_EQ(replaced_by([](auto& o) { o.seed = 5; }), ErrorCode::incompatible);
  EXPECT_EQ(replaced_by([](auto& o) { o.tokenizer = "tsd"; }), ErrorCode::incompatible);
  EXPECT_EQ(replaced_by([](auto& o) { o.filters.min_notes = 5; }), ErrorCode::incompatible);
  write_music("more.mid", music(90));
  EXPECT_EQ(replaced_by([](auto&) {}), ErrorCode::incompatible) << "another source";
}

TEST_F(MergeTest, DamagedShardsAreErrorsThatNameTheFile) {
  write_pieces(12);
  const auto folders = build_parts(options(), 2);
  const fs::path victim = part(1) / shard_name({1, 2});
  const std::string whole = *read_text_file(victim);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 200) {
    std::string damaged = whole;
    damaged[at] = char(damaged[at] ^ 0x10);
    std::ofstream(victim, std::ios::binary) << damaged;
    const auto merged = run_merge(folders, output());
    ASSERT_FALSE(merged.ok()) << "byte " << at;
    EXPECT_NE(merged.error().path.find(".pieces"), std::string::npos) << merged.error().to_line();
    std::ofstream(victim, std::ios::binary) << whole.substr(0, at);
    EXPECT_FALSE(run_merge(folders, output()).ok()) << "cut at " << at;
    ++refused;
  }
  EXPECT_GT(refused, 100);
  EXPECT_FALSE(fs::exists(output()));
  std::ofstream(victim, std::ios::binary) << whole;
  EXPECT_TRUE(run_merge(folders, output()).ok());
}

TEST_F(MergeTest, ShardsAndDataSetsDoNotReplaceEachOther) {
  write_pieces(6);
  ASSERT_TRUE(run(options()).ok());
  BuildOptions shard = options();
  shard.shard_count = 2;
  EXPECT_EQ(run(shard).error().code, ErrorCode::incompatible);
  build_parts(options(), 2);
  BuildOptions whole = options();
  whole.output = part(0);
  EXPECT_EQ(run(whole).error().code, ErrorCode::incompatible);
  shard.output = part(0);
  shard.shard_count = 3;
  EXPECT_EQ(run(shard).error().code, ErrorCode::incompatible);
  EXPECT_EQ(run_merge({part(0), part(1)}, part(0)).error().code, ErrorCode::incompatible);
}

TEST_F(MergeTest, AnotherDataSetIsReplacedOnlyWhenAskedTo) {
  write_pieces(12);
  BuildOptions with = options();
  ASSERT_TRUE(run(with).ok());
  const auto merged = [&](const std::vector<fs::path>& folders, bool replace) {
    ThreadPool pool(2);
    NoProgress progress;
    return merge({.folders = folders, .output = output(), .replace = replace}, pool, progress);
  };
  const auto same = build_parts(with, 2);
  const auto before = contents(output());
  ASSERT_TRUE(merged(same, false).ok());
  EXPECT_EQ(contents(output()), before);
  for (const auto& folder : same) fs::remove_all(folder);
  with.tokenizer = "performance";
  const auto other = build_parts(with, 2);
  const auto refused = merged(other, false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().what, "already contains a data set built with remi; use --replace");
  EXPECT_EQ(contents(output()), before);
  ASSERT_TRUE(merged(other, true).ok());
  EXPECT_NE(contents(output()), before);
}

TEST_F(MergeTest, SharesOfTheSplitsAreThoseOfTheShards) {
  write_pieces(30);
  BuildOptions with = options();
  with.split = SplitShares{.train = 40, .validation = 30, .test = 30};
  with.transpose_up = 1;
  ASSERT_TRUE(run(with).ok());
  const auto expected = contents(output());
  ASSERT_TRUE(run_merge(build_parts(with, 3), root_ / "merged").ok());
  EXPECT_EQ(contents(root_ / "merged"), expected);
}

TEST_F(MergeTest, AShardNumberOfAnotherTypeIsAnError) {
  write_pieces(4);
  build_part(options(), 0, 2);
  const fs::path path = part(0) / shard_name({.index = 0, .count = 2});
  for (const nlohmann::json& wrong : {nlohmann::json("first"), nlohmann::json(-1), nlohmann::json()}) {
    auto reader = PieceFileReader::open(path, PieceFileReader::Tokens::kSkip);
    ASSERT_TRUE(reader.ok()) << reader.error().to_line();
    nlohmann::json header = reader->header();
    header["shard"]["index"] = wrong;
    auto writer = PieceFileWriter::create(path, header);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->finish().ok());
    const auto merged = run_merge({part(0)}, root_ / "merged");
    ASSERT_FALSE(merged.ok());
    EXPECT_EQ(merged.error().code, ErrorCode::malformed);
    EXPECT_EQ(merged.error().path, path.string());
  }
}

}  // namespace
}  // namespace continuo::dataset
