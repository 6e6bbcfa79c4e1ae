#include "continuo/train/forecast.h"

#include <fstream>

#include <gtest/gtest.h>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/dataset/build.h"
#include "continuo/dataset/dataset.h"

namespace continuo::train {
namespace {

namespace fs = std::filesystem;

class ForecastTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("continuo_forecast_" + std::to_string(getpid()));
    fs::create_directories(root_ / "tunes");
    for (int i = 0; i < 30; ++i) {
      std::ofstream tune(root_ / "tunes" / (std::to_string(i) + ".abc"));
      tune << "X:1\nM:4/4\nL:1/8\nK:C\n";
      for (int bar = 0; bar < 6; ++bar) tune << ((i >> (bar % 4)) % 2 ? "CDEF GABc|" : "cBAG FEDC|");
      tune << std::string("CDEFGABc")[std::size_t(i % 8)] << "8|\n";
    }
    dataset::BuildOptions build;
    build.source = root_ / "tunes";
    build.output = root_ / "data";
    ThreadPool threads(1);
    NoProgress quiet;
    ASSERT_TRUE(dataset::build(build, threads, quiet));
    options_.data = build.output;
    options_.output = root_ / "run";
    options_.model = "gpt2";
    options_.size = "tiny";
    options_.d_model = 32;
    options_.n_heads = 2;
    options_.context_length = 48;
    options_.threads = 1;
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_;
  TrainOptions options_;
};

TEST_F(ForecastTest, CountsStepsAndWritesNothing) {
  NoProgress quiet;
  options_.max_steps = 1000;
  const auto run = forecast(options_, quiet);
  ASSERT_TRUE(run.ok()) << run.error().to_line();
  EXPECT_FALSE(fs::exists(options_.output));
  const auto data = dataset::TokenDataset::open(options_.data);
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(run->training_tokens, data->split(dataset::Split::kTrain).tokens());
  EXPECT_EQ(run->validation_tokens, data->split(dataset::Split::kValidation).tokens());
  auto config = model_config(options_, data->vocabulary_size()).value();
  EXPECT_GE(run->parameters, checkpoint::parameter_count(config));  // and vectors of musical places
  EXPECT_EQ(run->steps, 1000);
  EXPECT_GT(run->tokens_per_step, 4 * 20);
  EXPECT_LE(run->tokens_per_step, 4 * 48);
  EXPECT_NEAR(run->training_sec, 1000 * run->tokens_per_step / run->tokens_per_s, 1e-6 * run->training_sec);
  EXPECT_GT(run->peak_memory_bytes, 0u);
}

TEST_F(ForecastTest, OfARunByTheClock_CountsTheStepsThatFit) {
  NoProgress quiet;
  options_.max_minutes = 2;
  const auto run = forecast(options_, quiet);
  ASSERT_TRUE(run.ok());
  EXPECT_GT(run->steps, 0);
  EXPECT_LE(run->training_sec, 120);
  EXPECT_NEAR(run->training_sec, 120, 2 * 120 / double(run->steps) + 1e-9);
}

TEST_F(ForecastTest, WhatCannotBeTrained_IsRefusedAlike) {
  NoProgress quiet;
  options_.model = "gpt3";
  EXPECT_FALSE(forecast(options_, quiet).ok());
  options_.model = "gpt2";
  options_.resume = true;
  EXPECT_EQ(forecast(options_, quiet).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace continuo::train
