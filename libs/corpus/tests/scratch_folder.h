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
#include "continuo/notation/notation.h"
#include "continuo/score/score.h"

namespace continuo::corpus {

// A folder of its own for one test, gone when the test is.
class ScratchFolder : public ::testing::Test {
 protected:
  ScratchFolder() : root_(std::filesystem::temp_directory_path() / ("continuo-" + platform::unique_suffix())) {
    std::filesystem::create_directories(root_ / "source");
  }
  ~ScratchFolder() override {
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

  // Every file of a folder, by name.
  static std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      auto text = read_text_file(entry.path());
      files[entry.path().filename().string()] = text.ok() ? *text : "(folder)";
    }
    return files;
  }
  // Names beside the source and the output: files that a build did not remove.
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

}  // namespace continuo::corpus
