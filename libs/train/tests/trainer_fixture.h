#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/dataset/build.h"
#include "continuo/train/trainer.h"

#include "state/event_file.h"

// Whole runs of small networks on a data set of a few tunes, which a suite of tests builds once.
namespace continuo::train {

namespace fs = std::filesystem;

// Asks to stop once so many steps are done.
class StopAt final : public Progress {
 public:
  explicit StopAt(std::uint64_t step) : step_(step) {}
  void update(std::uint64_t done, std::uint64_t, std::string_view note) override { done_ = done, note_ = note; }
  bool stop_requested() const override { return done_ >= step_; }
  const std::string& note() const { return note_; }

 private:
  std::uint64_t step_, done_ = 0;
  std::string note_;
};

// Scales and arpeggios that differ from tune to tune.
inline std::string tune(int number) {
  static constexpr const char* kFigures[] = {"CDEF GABc|", "cBAG FEDC|", "CEGc GECE|", "DFAd AFDF|", "G2G2 A2B2|"};
  std::string text = "X:1\nT:Tune\nM:4/4\nL:1/8\nK:C\n";
  for (int bar = 0; bar < 8 + number % 3; ++bar) text += kFigures[(number * (bar / 2 + 1) + bar) % 5];
  return text + "\n";
}

class TrainerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    root() = fs::temp_directory_path() / ("continuo_train_" + std::to_string(getpid()));
    fs::create_directories(root() / "tunes");
    for (int i = 0; i < 60; ++i) std::ofstream(root() / "tunes" / (std::to_string(i) + ".abc")) << tune(i);
    dataset::BuildOptions options;
    options.source = root() / "tunes";
    options.output = root() / "data";
    ThreadPool threads(1);
    NoProgress progress;
    const auto built = dataset::build(options, threads, progress);
    ASSERT_TRUE(built) << built.error().to_line();
  }
  static void TearDownTestSuite() { fs::remove_all(root()); }
  static fs::path& root() {
    static fs::path path;
    return path;
  }

  static TrainOptions small_run(const std::string& model, const std::string& name) {
    TrainOptions options;
    options.data = root() / "data";
    options.output = root() / name;
    options.model = model;
    options.size = "tiny";
    options.d_model = 32;
    options.n_layers = 2;
    options.n_heads = model == "lstm" ? 0 : 2;
    options.context_length = 48;
    options.batch_size = 4;
    options.dropout = 0.1;
    options.augment_transpose = 0;
    options.max_steps = 20;
    options.seed = 11;
    options.threads = 1;
    options.precision = "bf16";
    options.validation_every_steps = 5;
    options.validation_every_seconds = 0;
    options.checkpoint_every_minutes = 0;
    return options;
  }

  static std::string bytes_of(const fs::path& path) { return read_text_file(path).value(); }
  // A model file's metadata and data, but what depends on the process: the time, the limits it was given, its threads.
  static std::map<std::string, std::string> model_of(const fs::path& path) {
    const auto file = checkpoint::SafetensorsFile::open(path);
    EXPECT_TRUE(file.ok()) << file.error().to_line();
    if (!file.ok()) return {};
    std::map<std::string, std::string> content = file->metadata();
    std::string& provenance = content.at("continuo.provenance");
    auto members = nlohmann::json::parse(provenance);
    members.erase("training_sec");
    for (const char* name : {"max_steps", "max_minutes", "epochs", "threads"}) members.at("options").erase(name);
    provenance = members.dump();
    for (const auto& [name, tensor] : file->tensors()) content[name] = {tensor.data.begin(), tensor.data.end()};
    return content;
  }
  static std::int64_t event_files(const fs::path& run) {
    return std::count_if(fs::directory_iterator(run), fs::directory_iterator(),
                         [](const auto& entry) { return is_event_file(entry.path()); });
  }
  // The columns of metrics.csv that do not depend on the clock.
  static std::vector<std::string> losses(const fs::path& run) {
    std::ifstream file(run / "metrics.csv");
    std::vector<std::string> rows;
    for (std::string line; std::getline(file, line);) {
      std::vector<std::string> cells;
      for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
        cells.push_back(line.substr(begin, (end = line.find(',', begin)) - begin));
      }
      rows.push_back(cells[0] + " " + cells[2] + " " + cells[4] + " " + cells[5] + " " + cells[6] + " " + cells[7]);
    }
    return rows;
  }
};

class EveryModelTrains : public TrainerTest, public testing::WithParamInterface<const char*> {};

}  // namespace continuo::train
