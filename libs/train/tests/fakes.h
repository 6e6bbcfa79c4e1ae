#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/runs/run_files.h"

#include "hooks/run_model.h"
#include "state/run_state.h"

namespace continuo::train {

// Of one token of the first quarter.
inline ValidationNll validation_nll(double mean) {
  ValidationNll nll;
  nll.add(0, mean, 1, 1);
  return nll;
}

// A model without a network, whose work takes time of the clock that it moves on.
class FakeModel final : public RunModel {
 public:
  FakeModel(const RunState& state, double& now_sec) : state_(state), now_sec_(now_sec) {}

  struct Written {
    std::string file;
    std::int64_t step = 0;
    double nll = 0;
    bool operator==(const Written&) const = default;
  };
  double nll = 3;              // per token, of the next evaluation
  std::uint64_t tokens = 100;  // of the next evaluation
  bool stop = false;           // what a stop request does to an evaluation
  double evaluate_sec = 0, write_sec = 0;
  std::vector<std::uint64_t> asked;  // most_tokens of each evaluation
  std::vector<Written> written;
  std::vector<std::string> read_files;
  std::vector<std::string> files_at_parameters;  // that existed when the parameters were asked for

  std::optional<ValidationNll> evaluate(std::uint64_t most_tokens) override {
    asked.push_back(most_tokens);
    now_sec_ += evaluate_sec;
    if (stop) return std::nullopt;
    ValidationNll result;
    result.add(0, nll * static_cast<double>(tokens), tokens, 1);
    return result;
  }
  checkpoint::Provenance provenance() const override { return {.steps = state_.position.step}; }
  Status write(const std::filesystem::path& path, const checkpoint::Provenance& provenance) override {
    written.push_back({path.filename().string(), provenance.steps, provenance.validation_nll});
    now_sec_ += write_sec;
    return write_file(path, "a model");
  }
  // As if the best model were of step 1.
  Result<checkpoint::Provenance> read(const std::filesystem::path& path) override {
    read_files.push_back(path.filename().string());
    return checkpoint::Provenance{.steps = 1, .validation_nll = 9};
  }
  std::vector<ParameterState> parameters() override {
    for (const char* name : {runs::kMetricsFile, runs::kChartFile, runs::kResumeFile, runs::kLastFile}) {
      if (std::filesystem::exists(state_.file(name))) files_at_parameters.emplace_back(name);
    }
    return {};
  }

 private:
  const RunState& state_;
  double& now_sec_;
};

// A run in a folder of its own, at a time that the test sets.
class FakeRun : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    state.options.output = std::filesystem::temp_directory_path() / ("continuo_" + name + std::to_string(getpid()));
    start_over();
  }
  void TearDown() override { std::filesystem::remove_all(state.options.output); }

  // An empty folder at time and step 0, for a table of cases.
  void start_over() {
    const std::filesystem::path folder = state.options.output;
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    now_sec = 0;
    state = RunState{};
    state.options.output = folder;
    state.options.batch_size = 2;
    state.training_windows = 10;
    state.validation_windows = 4;
    state.validation_targets = 1000;
    state.clock = RunClock(0, [this] { return now_sec; });
  }
  std::string text_of(const char* file) const { return read_text_file(state.file(file)).value(); }
  bool exists(const char* file) const { return std::filesystem::exists(state.file(file)); }

  double now_sec = 0;
  RunState state;
};

// A step of these tokens and seconds.
inline StepRecord step_record(double loss, std::uint64_t tokens = 10, double seconds = 1) {
  return {.result = {.loss = loss, .gradient_norm = 0.5, .tokens = tokens}, .learning_rate = 0.25, .seconds = seconds};
}

}  // namespace continuo::train
