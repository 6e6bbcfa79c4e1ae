#include <cstdlib>
#include <fstream>
#include <set>

#include "continuo/corpus/list_source.h"
#include "continuo/corpus/nsynth.h"

#include "music_folder.h"

namespace continuo::dataset {
namespace {

namespace fs = std::filesystem;

class DatasetData : public MusicFolder {
 protected:
  // The collection's folder, or an empty path.
  static fs::path collection(const char* name) {
    const char* set = std::getenv("CONTINUO_DATA");
    const fs::path data = set ? fs::path(set) : fs::path(CONTINUO_SOURCE_DIR) / ".." / "shared" / "data";
    return fs::is_directory(data / name) ? data / name : fs::path();
  }
  Result<BuildReport> build_of(const fs::path& folder, std::string tokenizer = "remi") const {
    return run({.source = folder, .output = output(), .replace = true, .tokenizer = std::move(tokenizer)});
  }
};

using Counts = std::array<std::uint64_t, 3>;

TEST_F(DatasetData, Groove_HasItsPublishedSplit) {
  const fs::path folder = collection("groove");
  if (folder.empty()) GTEST_SKIP() << "the Groove MIDI Dataset is not here";
  const auto report = build_of(folder);
  ASSERT_TRUE(report.ok()) << report.error().to_line();
  EXPECT_EQ(report->pieces, (Counts{897, 124, 129}));
  EXPECT_EQ(report->notes, 446312u);
  EXPECT_TRUE(report->rejects.empty());
  EXPECT_TRUE(TokenDataset::open(output()).ok());
}

TEST_F(DatasetData, Maestro_ListHasItsPublishedSplit) {
  const fs::path folder = collection("maestro-v3.0.0");
  if (folder.empty()) GTEST_SKIP() << "MAESTRO is not here";
  const auto listed = corpus::list_source(folder);
  ASSERT_TRUE(listed.ok()) << listed.error().to_line();
  Counts counts{};
  for (const auto& entry : listed->entries) ++counts[std::size_t(entry.split.value())];
  EXPECT_EQ(counts, (Counts{962, 137, 177}));
  EXPECT_TRUE(listed->rejects.empty());
}

TEST_F(DatasetData, Maestro_SampleBuildsWithPerformance) {
  const fs::path folder = collection("maestro-v3.0.0");
  if (folder.empty()) GTEST_SKIP() << "MAESTRO is not here";
  const auto listed = corpus::list_source(folder);
  ASSERT_TRUE(listed.ok()) << listed.error().to_line();
  std::ofstream csv(source() / "maestro-sample.csv");
  csv << "split,midi_filename\n";
  Counts expected{};
  for (std::size_t i = 0; i < listed->entries.size(); i += 40) {
    const auto& entry = listed->entries[i];
    fs::create_directories((source() / entry.path).parent_path());
    fs::create_symlink(fs::absolute(folder / entry.path), source() / entry.path);
    csv << to_string(*entry.split) << "," << corpus::csv_field(entry.path) << "\n";
    ++expected[std::size_t(*entry.split)];
  }
  csv.close();
  const auto report = build_of(source(), "performance");
  ASSERT_TRUE(report.ok()) << report.error().to_line();
  EXPECT_EQ(report->pieces, expected);
  EXPECT_TRUE(report->rejects.empty());
}

TEST_F(DatasetData, Pop909_SkipsItsVersions) {
  const fs::path folder = collection("pop909");
  if (folder.empty()) GTEST_SKIP() << "POP909 is not here";
  const auto listed = corpus::list_source(folder);
  ASSERT_TRUE(listed.ok()) << listed.error().to_line();
  EXPECT_EQ(listed->layout, "pop909");
  std::uint64_t skipped = 0;
  for (const auto& [rule, count] : listed->skipped) skipped += count;
  EXPECT_EQ(skipped, 1794u);
  EXPECT_GE(listed->entries.size(), 800u);
}

TEST_F(DatasetData, Jsb_HasItsPublishedSplit) {
  const fs::path folder = collection("jsb-chorales");
  if (folder.empty()) GTEST_SKIP() << "the JSB chorales are not here";
  const auto report = build_of(folder, "chorale_grid");
  ASSERT_TRUE(report.ok()) << report.error().to_line();
  EXPECT_EQ(report->pieces, (Counts{229, 76, 77}));
  // Four voices on 92,536 steps, and BOS and EOS of each.
  EXPECT_EQ(report->tokens[0] + report->tokens[1] + report->tokens[2], 4u * 92536 + 2 * 382);
}

TEST_F(DatasetData, Nottingham_TakesEachTuneOnce) {
  const fs::path folder = collection("nottingham");
  if (folder.empty()) GTEST_SKIP() << "the Nottingham tunes are not here";
  const auto listed = corpus::list_source(folder);
  ASSERT_TRUE(listed.ok()) << listed.error().to_line();
  EXPECT_EQ(listed->layout, "nottingham");
  EXPECT_GE(listed->entries.size(), 1000u);
  EXPECT_LE(listed->entries.size(), 1100u);
}

TEST_F(DatasetData, OpenEwld_IsKnown) {
  const fs::path folder = collection("openewld");
  if (folder.empty()) GTEST_SKIP() << "OpenEWLD is not here";
  const auto listed = corpus::list_source(folder);
  ASSERT_TRUE(listed.ok()) << listed.error().to_line();
  EXPECT_EQ(listed->layout, "openewld");
  EXPECT_EQ(listed->entries.size(), 502u);
}

TEST_F(DatasetData, Nsynth_NotesAreCounted) {
  const fs::path folder = collection("nsynth-tiny");
  if (folder.empty()) GTEST_SKIP() << "NSynth is not here";
  const auto stats = corpus::nsynth_stats(folder);
  ASSERT_TRUE(stats.ok()) << stats.error().to_line();
  const corpus::NsynthStats& test = stats->at("test");
  EXPECT_EQ(test.notes, 60u);
  EXPECT_EQ(test.without_audio, 0u);
  EXPECT_EQ(test.families.size(), 10u);
  EXPECT_EQ(test.instruments.size(), 40u);
  EXPECT_EQ(test.velocities.size(), 5u);
  EXPECT_EQ(test.lowest_pitch, 60);
  EXPECT_EQ(test.highest_pitch, 60);
  EXPECT_DOUBLE_EQ(test.seconds, 240);
}

TEST_F(DatasetData, Odd_EveryFileIsAPieceOrARejectWithAReason) {
  const fs::path folder = collection("odd");
  if (folder.empty()) GTEST_SKIP() << "the odd files are not here";
  const auto report = build_of(folder);
  ASSERT_TRUE(report.ok()) << report.error().to_line();
  const auto file_of = [](const std::string& name) { return name.substr(0, name.find('#')); };
  std::set<std::string> accounted, found;
  for (const RejectRow& reject : rejects_of(output())) accounted.insert(file_of(reject.path));
  const auto dataset = TokenDataset::open(output());
  ASSERT_TRUE(dataset.ok()) << dataset.error().to_line();
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest})
    for (const auto& [name, tokens] : pieces_of(*dataset, split)) accounted.insert(file_of(name));
  const auto listed = corpus::list_source(folder);
  ASSERT_TRUE(listed.ok());
  for (const auto& entry : listed->entries) found.insert(file_of(entry.path));
  for (const corpus::Reject& reject : listed->rejects) found.insert(file_of(reject.path));
  EXPECT_EQ(accounted, found);
  for (const RejectRow& reject : rejects_of(output())) EXPECT_FALSE(reject.reason.empty()) << reject.path;
}

}  // namespace
}  // namespace continuo::dataset
