#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "continuo/tokens/registry.h"

#include "build_fixture.h"

// Builds over a data set that is there already.
namespace continuo::dataset {
namespace {

namespace fs = std::filesystem;

class ExistingDataTest : public BuildTest {
 protected:
  BuildOptions unforced() const {
    BuildOptions with = options();
    with.replace = false;
    return with;
  }
  // Why a build is refused; it has to leave the data set as it was.
  std::string refusal_of(const BuildOptions& with) const {
    const auto before = contents(output());
    const auto report = run(with);
    EXPECT_EQ(contents(output()), before);
    EXPECT_TRUE(left_behind().empty());
    if (report.ok()) return "(not refused)";
    EXPECT_EQ(report.error().code, ErrorCode::incompatible);
    EXPECT_EQ(report.error().path, output().string());
    return report.error().what;
  }
};

TEST_F(ExistingDataTest, AnotherBuildIsRefusedAndNamesWhatDiffers) {
  write_pieces(12);
  built(unforced());
  BuildOptions with = unforced();
  for (const char* tokenizer : {"performance", "note_chord"}) {
    with.tokenizer = tokenizer;
    EXPECT_EQ(refusal_of(with), "already contains a data set built with remi; use --replace");
  }
  with = unforced();
  with.seed = 1;
  EXPECT_EQ(refusal_of(with), "already contains a data set built with --seed 0; use --replace");
  with = unforced();
  with.split = SplitShares{.train = 90, .validation = 5, .test = 5};
  EXPECT_EQ(refusal_of(with), "already contains a data set built with --split 80/10/10; use --replace");
  with = unforced();
  with.transpose_up = 1;
  EXPECT_NE(refusal_of(with).find("--transpose-up"), std::string::npos);
  with = unforced();
  with.filters.min_notes = 5;
  EXPECT_NE(refusal_of(with).find("other filters"), std::string::npos);
  write_music("one_more.mid", music(99));
  EXPECT_EQ(refusal_of(unforced()), "already contains a data set built from other files; use --replace");
  EXPECT_EQ(total(built(options()).pieces), 13u) << "--replace replaces";
}

TEST_F(ExistingDataTest, ALearnedVocabularyOfOtherMusicIsAnotherBuild) {
  write_pieces(12);
  BuildOptions with = unforced();
  with.tokenizer = "note_chord";
  built(with);
  EXPECT_TRUE(built(with).complete_before);
  write_music("one_more.mid", music(99));
  EXPECT_NE(refusal_of(with).find("from other files"), std::string::npos);
}

// A file takes the place of a name, so what it describes is known only once it has been read.
TEST_F(ExistingDataTest, ATokenizerFileIsComparedByWhatItDescribes) {
  write_pieces(12);
  built(unforced());
  BuildOptions with = unforced();
  with.tokenizer = (root_ / "tokenizer.json").string();
  const auto describe = [&](const char* name) {
    std::ofstream(with.tokenizer) << (*tokens::make_tokenizer(name))->to_json().dump();
  };
  describe("remi");
  EXPECT_TRUE(built(with).complete_before);
  describe("performance");
  const auto before = contents(output());
  const auto report = run(with);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::incompatible);
  EXPECT_EQ(report.error().what, "already contains a data set built with remi; use --replace");
  EXPECT_EQ(contents(output()), before);
}

TEST_F(ExistingDataTest, TheSameBuildAgainIsComplete) {
  write_pieces(12);
  write("broken.mid", "MThd");
  const BuildReport first = built(unforced());
  EXPECT_FALSE(first.complete_before);
  const auto before = contents(output());
  const auto time = fs::last_write_time(output() / "manifest.json");
  const BuildReport again = built(unforced());
  EXPECT_TRUE(again.complete_before);
  EXPECT_EQ(fs::last_write_time(output() / "manifest.json"), time) << "nothing is written";
  EXPECT_EQ(contents(output()), before);
  EXPECT_EQ(again.pieces, first.pieces);
  EXPECT_EQ(again.tokens, first.tokens);
  EXPECT_EQ(again.notes, first.notes);
  EXPECT_EQ(again.files, first.files);
  EXPECT_EQ(again.rejects, first.rejects);
  EXPECT_EQ(again.examples, first.examples);
  EXPECT_EQ(again.split_rule, first.split_rule);
  EXPECT_EQ(again.vocabulary_size, first.vocabulary_size);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(ExistingDataTest, AFileThatChangedSinceIsReadAgain) {
  write_pieces(12);
  built(unforced());
  const auto later = fs::last_write_time(output() / "manifest.json") + std::chrono::seconds(5);
  fs::last_write_time(source() / "piece03.mid", later);
  EXPECT_FALSE(built(unforced()).complete_before);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(ExistingDataTest, ARefusedBuildLeavesAStoppedOneToGoOn) {
  write_pieces(40);
  built(unforced());
  BuildOptions other = options();
  other.seed = 7;
  ThreadPool pool(1);
  StopAfter progress(6);
  ASSERT_EQ(build(other, pool, progress).error().code, ErrorCode::interrupted);
  ASSERT_EQ(left_behind(), std::vector<std::string>{"output.building"});
  other.replace = false;
  EXPECT_EQ(run(other).error().code, ErrorCode::incompatible);
  EXPECT_TRUE(built(unforced()).complete_before);
  EXPECT_EQ(left_behind(), std::vector<std::string>{"output.building"});
  other.replace = true;
  EXPECT_GT(built(other).resumed_pieces, 0u);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(ExistingDataTest, AStoppedBuildGoesOnWithoutReplace) {
  write_pieces(40);
  ThreadPool pool(1);
  StopAfter progress(6);
  ASSERT_EQ(build(unforced(), pool, progress).error().code, ErrorCode::interrupted);
  EXPECT_GT(built(unforced()).resumed_pieces, 0u);
}

}  // namespace
}  // namespace continuo::dataset
