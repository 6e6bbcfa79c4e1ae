#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"
#include "continuo/base/progress.h"
#include "continuo/base/rng.h"
#include "continuo/dataset/build.h"
#include "continuo/notation/notation.h"
#include "continuo/score/score.h"

#include "csv.h"

namespace continuo::dataset {

// A folder of its own for one test, gone when the test is.
class MusicFolder : public ::testing::Test {
 protected:
  MusicFolder() : root_(std::filesystem::temp_directory_path() / ("continuo-" + platform::unique_suffix())) {
    std::filesystem::create_directories(root_ / "source");
  }
  ~MusicFolder() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  std::filesystem::path source() const { return root_ / "source"; }
  std::filesystem::path output() const { return root_ / "output"; }

  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((source() / name).parent_path());
    std::ofstream(source() / name, std::ios::binary) << text;
  }
  void write_music(const std::string& name, const score::Score& score) const {
    std::filesystem::create_directories((source() / name).parent_path());
    ASSERT_TRUE(notation::write_score(score, source() / name).ok());
  }
  // Files piece00.mid ... of different music each.
  void write_pieces(int count) const {
    for (int i = 0; i < count; ++i)
      write_music("piece" + std::string(i < 10 ? "0" : "") + std::to_string(i) + ".mid", music(std::uint64_t(i)));
  }

  static score::Score music(std::uint64_t seed, int notes = 20, bool drums = false) {
    score::Score score;
    score.tracks.resize(1);
    score.tracks[0].is_drum = drums;
    Rng rng(seed);
    std::int64_t onset = 0;
    for (int i = 0; i < notes; ++i) {
      score::Note note;
      note.onset = score::Ticks(onset);
      note.duration = score::Ticks(240 * std::int64_t(1 + rng.below(3)));
      note.pitch = std::uint8_t(48 + rng.below(30));
      score.tracks[0].notes.push_back(note);
      onset += 480;
    }
    return score;
  }

  BuildOptions options() const { return {.source = source(), .output = output()}; }
  static Result<BuildReport> run(const BuildOptions& options, int threads = 2) {
    ThreadPool pool(threads);
    NoProgress progress;
    return build(options, pool, progress);
  }

  static Result<BuildReport> run_merge(const std::vector<std::filesystem::path>& folders,
                                       const std::filesystem::path& output) {
    ThreadPool pool(2);
    NoProgress progress;
    return merge(folders, output, pool, progress);
  }

  // Rows of a data set's reject report.
  struct RejectRow {
    std::string path, code, reason, where;
  };
  static std::vector<RejectRow> rejects_of(const std::filesystem::path& data) {
    const auto table = CsvTable::parse(read_text_file(data / "rejects.csv").value());
    std::vector<RejectRow> rows;
    for (std::size_t row = 0; row < table.value().rows(); ++row)
      rows.push_back({table->at(row, 0), table->at(row, 1), table->at(row, 2), table->at(row, 3)});
    return rows;
  }
  static std::uint64_t count_of(const std::map<std::string, std::uint64_t>& counts) {
    std::uint64_t sum = 0;
    for (const auto& [name, count] : counts) sum += count;
    return sum;
  }

  // Every file of a folder, by name.
  static std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      auto text = read_text_file(entry.path());
      files[entry.path().filename().string()] = text.ok() ? *text : "(folder)";
    }
    return files;
  }
  // Names beside the source and the output: what a build has left behind.
  std::vector<std::string> left_behind() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(root_)) {
      const std::string name = entry.path().filename().string();
      if (name != "source" && name != "output") names.push_back(name);
    }
    return names;
  }

  std::filesystem::path root_;
};

// All pieces of a split: name -> tokens.
inline std::map<std::string, std::vector<std::uint16_t>> pieces_of(const TokenDataset& dataset, Split split) {
  std::map<std::string, std::vector<std::uint16_t>> pieces;
  const TokenSequences& sequences = dataset.split(split);
  for (std::size_t i = 0; i < sequences.pieces(); ++i) {
    const auto tokens = sequences.piece(i);
    EXPECT_TRUE(pieces.try_emplace(sequences.name(i), tokens.begin(), tokens.end()).second);
  }
  return pieces;
}

}  // namespace continuo::dataset
