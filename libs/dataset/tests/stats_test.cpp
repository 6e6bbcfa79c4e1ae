#include "continuo/dataset/stats.h"

#include "continuo/base/checksum.h"
#include "continuo/dataset/verify.h"

#include "music_folder.h"
#include "shards/copy_name.h"

namespace continuo::dataset {
namespace {

namespace fs = std::filesystem;

class StatsTest : public MusicFolder {
 protected:
  static Result<corpus::CollectionStats> stats_of(const fs::path& path) {
    ThreadPool pool(2);
    NoProgress progress;
    return collect_stats(path, pool, progress);
  }
  static Result<VerifyReport> verified(const fs::path& path) {
    ThreadPool pool(2);
    NoProgress progress;
    return verify(path, pool, progress);
  }
};

TEST_F(StatsTest, OfAFolderCountsWhatIsThere) {
  score::Score piece = music(1);
  piece.tracks[0].program = 40;
  piece.time_signatures = {{score::Ticks(0), 3, 4}};
  piece.tempos = {{score::Ticks(0), 1000000}, {score::Ticks(480), 250000}};
  write_music("a.mid", piece);
  write_music("drums.mid", music(2, 10, true));
  write("broken.mid", "MThd");
  fs::create_symlink(source() / "nowhere.mid", source() / "dangling.mid");
  const auto stats = stats_of(source());
  ASSERT_TRUE(stats.ok()) << stats.error().to_line();
  EXPECT_EQ(stats->rejects, (std::map<std::string, std::uint64_t>{{"not_found", 1}}));
  const corpus::MusicStats& all = stats->parts.at("all");
  EXPECT_EQ(all.pieces, 2u);
  EXPECT_EQ(all.unusable, 1u);
  EXPECT_EQ(all.notes, 30u);
  EXPECT_EQ(all.drum_notes, 10u);
  EXPECT_EQ(all.programs[40], 20u);
  EXPECT_EQ(all.meters, (std::map<std::string, std::uint64_t>{{"3/4", 1}, {"4/4", 1}}));
  EXPECT_DOUBLE_EQ(all.slowest_bpm, 60);
  EXPECT_DOUBLE_EQ(all.fastest_bpm, 240);
  EXPECT_DOUBLE_EQ(all.mean_tempo_bpm(), 90);
  EXPECT_GE(all.lowest_pitch, 48);
  EXPECT_LE(all.highest_pitch, 77);
  EXPECT_DOUBLE_EQ(all.seconds, piece.duration().value + music(2, 10).duration().value);
}

TEST_F(StatsTest, OfADataSetLeaveCopiesOut) {
  write_pieces(12);
  BuildOptions with = options();
  with.transpose_up = 2;
  const auto built = run(with);
  ASSERT_TRUE(built.ok());
  const auto stats = stats_of(output());
  ASSERT_TRUE(stats.ok()) << stats.error().to_line();
  std::uint64_t pieces = 0, notes = 0;
  for (const auto& [name, part] : stats->parts) pieces += part.pieces, notes += part.notes;
  EXPECT_EQ(pieces, 12u);
  EXPECT_EQ(notes, 240u);
  EXPECT_EQ(stats->rejects, built->rejects);
  EXPECT_EQ(stats->parts.at("train").tokens, built->tokens[0]);
}

TEST_F(StatsTest, Verify_AcceptsWhatABuildMakesAndCountsIt) {
  write_pieces(12);
  write("broken.mid", "MThd");
  const auto built = run(options());
  ASSERT_TRUE(built.ok());
  const auto report = verified(output());
  ASSERT_TRUE(report.ok()) << report.error().to_line();
  EXPECT_EQ(report->pieces, 12u);
  EXPECT_EQ(report->tokens, built->tokens[0] + built->tokens[1] + built->tokens[2]);
  EXPECT_EQ(report->rejects, 1u);
  EXPECT_EQ(report->files, 4u);
}

TEST_F(StatsTest, Verify_FindsAnyChangedByteOfAnyFile) {
  write_pieces(6);
  write("broken.mid", "MThd");
  ASSERT_TRUE(run(options()).ok());
  for (const auto& entry : fs::directory_iterator(output())) {
    if (entry.path().filename() == "manifest.json") continue;
    const std::string whole = *read_text_file(entry.path());
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 40) {
      std::string changed = whole;
      changed[at] = char(changed[at] ^ 2);
      std::ofstream(entry.path(), std::ios::binary) << changed;
      const auto report = verified(output());
      ASSERT_FALSE(report.ok()) << entry.path() << " byte " << at;
      EXPECT_EQ(report.error().path, entry.path().string());
    }
    std::ofstream(entry.path(), std::ios::binary) << whole;
  }
  EXPECT_TRUE(verified(output()).ok());
  EXPECT_EQ(verified(source()).error().code, ErrorCode::wrong_format);
}

TEST_F(StatsTest, Verify_FindsACopyWithoutItsPiece) {
  write_pieces(6);
  BuildOptions with = options();
  with.transpose_up = 1;
  ASSERT_TRUE(run(with).ok());
  EXPECT_TRUE(verified(output()).ok());
  // A name is changed and the file sealed again, so that nothing but the name is wrong.
  const auto replace = [](std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, from.size(), to);
  };
  const fs::path tokens = output() / "train.tokens", manifest = output() / "manifest.json";
  const std::string before = *sha256_of_file(tokens);
  const std::string text = *read_text_file(tokens);
  const auto copy = text.find("@+1");
  ASSERT_NE(copy, std::string::npos);
  const std::string name = text.substr(copy - 11, 14);
  ASSERT_TRUE(name.starts_with("piece"));
  ASSERT_TRUE(write_file(tokens, replace(text, name, "piece99" + name.substr(7))).ok());
  ASSERT_TRUE(write_file(manifest, replace(*read_text_file(manifest), before, *sha256_of_file(tokens))).ok());
  const auto report = verified(output());
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::malformed);
  EXPECT_NE(report.error().what.find("piece99.mid@+1"), std::string::npos) << report.error().to_line();
}

TEST(CopyName, IsToldFromThoseOfPieces) {
  EXPECT_EQ(copy_name("a.mid", 3), "a.mid@+3");
  EXPECT_EQ(copy_name("a.abc#2", -12), "a.abc#2@-12");
  EXPECT_EQ(original_of_copy("a.abc#2@-12"), "a.abc#2");
  for (const char* piece : {"a.mid", "a@+3.mid", "me@home/a.abc#2", "@", "a@+", "a@3"})
    EXPECT_FALSE(original_of_copy(piece)) << piece;
}

TEST_F(StatsTest, OfAFolderWithoutMusicIsAnErrorThatNamesIt) {
  write("readme.txt", "no music here");
  const auto none = stats_of(source());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::empty);
  EXPECT_EQ(none.error().to_line(), source().string() + ": contains no music file");
  write("a.krn", "x");
  const auto unreadable = stats_of(source());
  ASSERT_FALSE(unreadable.ok());
  EXPECT_NE(unreadable.error().what.find("a.krn"), std::string::npos);
}

}  // namespace
}  // namespace continuo::dataset
