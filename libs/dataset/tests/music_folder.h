#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "continuo/corpus/csv.h"
#include "continuo/dataset/build.h"
#include "continuo/dataset/dataset.h"

#include "scratch_folder.h"

namespace continuo::dataset {

// A folder of music for one test, and what is built of it.
class MusicFolder : public corpus::ScratchFolder {
 protected:
  // Tests build into one folder again and again.
  BuildOptions options() const { return {.source = source(), .output = output(), .replace = true}; }
  static Result<BuildReport> run(const BuildOptions& options, int threads = 2) {
    ThreadPool pool(threads);
    NoProgress progress;
    return build(options, pool, progress);
  }

  static Result<BuildReport> run_merge(const std::vector<std::filesystem::path>& folders,
                                       const std::filesystem::path& output) {
    ThreadPool pool(2);
    NoProgress progress;
    return merge({.folders = folders, .output = output, .replace = true}, pool, progress);
  }

  // A score of a note and two cue notes, which are left out.
  void write_cues(const std::string& name) const {
    const std::string note = "<pitch><step>C</step><octave>4</octave></pitch><duration>1</duration></note>";
    write(name, "<score-partwise><part id=\"P\"><measure number=\"1\"><note><cue/>" + note + "<note><cue/>" + note +
                    "<note>" + note + "</measure></part></score-partwise>");
  }

  // Rows of a data set's reject report.
  struct RejectRow {
    std::string path, code, reason, where;
  };
  static std::vector<RejectRow> rejects_of(const std::filesystem::path& data) {
    const auto table = corpus::CsvTable::parse(read_text_file(data / "rejects.csv").value());
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
