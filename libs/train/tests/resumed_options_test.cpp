#include <utility>

#include "continuo/runs/metrics_log.h"
#include "continuo/train/trainer.h"

#include "trainer_fixture.h"

namespace continuo::train {
namespace {

// A short run to resume.
class ResumedOptions : public TrainerTest {
 protected:
  TrainOptions again;

  void SetUp() override {
    TrainOptions options = small_run("lstm", "asked");
    options.max_steps = 2;
    options.replace = true;
    NoProgress quiet;
    ASSERT_TRUE(train(options, quiet));
    again.output = options.output;
    again.resume = true;
    again.threads = 1;
  }
  fs::path config() const { return again.output / "config.toml"; }
  void edit(const std::string& line, const std::string& edited) const {
    std::string text = bytes_of(config());
    ASSERT_NE(text.find(line), std::string::npos) << text;
    ASSERT_TRUE(write_file(config(), text.replace(text.find(line), line.size(), edited)));
  }
  static Error error_of(const TrainOptions& options) {
    NoProgress quiet;
    const auto report = train(options, quiet);
    EXPECT_FALSE(report.ok());
    return report.ok() ? Error{} : report.error();
  }
};

TEST_F(ResumedOptions, WhatTheRunCannotChangeIsRefusedWithBothValues) {
  struct Case {
    const char *name, *value, *what;
  };
  for (const Case& c :
       {Case{"seed", "5", "--seed is 5, but the run has 11"}, Case{"seed", "0", "--seed is 0, but the run has 11"},
        Case{"model", "gpt2", "--model is gpt2, but the run has lstm"},
        Case{"weight_decay", "0.5", "--weight-decay is 0.5, but the run has 0.05"},
        Case{"pack", "true", "--pack is true, but the run has false"},
        Case{"precision", "fp32", "--precision is fp32, but the run has bf16"},
        Case{"init_from", "other", "--init-from is other, but the run has none"},
        Case{"augment_transpose", "6", "--augment-transpose is 6, but the run has 0"}}) {
    TrainOptions asked = again;
    ASSERT_TRUE(set_option(asked, c.name, c.value));
    const Error error = error_of(asked);
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
    EXPECT_EQ(error.what, std::string(c.what) + ", which resuming cannot change: leave it out");
  }
}

TEST_F(ResumedOptions, WhatTheRunHasAndWhatIsLeftToItIsAccepted) {
  for (const auto& [name, value] : {std::pair{"seed", "11"},
                                    {"model", "lstm"},
                                    {"d_model", "32"},
                                    {"size", "tiny"},
                                    {"optimiser", "auto"},
                                    {"learning_rate", "0"},
                                    {"precision", "bf16"}})
    ASSERT_TRUE(set_option(again, name, value));
  NoProgress quiet;
  const auto report = train(again, quiet);
  EXPECT_TRUE(report.ok()) << report.error().to_line();
}

TEST_F(ResumedOptions, ClocksAndLimitsAreTaken) {
  again.max_steps = 7;
  again.validation_every_steps = 3;
  NoProgress quiet;
  const auto report = train(again, quiet);
  ASSERT_TRUE(report.ok()) << report.error().to_line();
  EXPECT_EQ(report->steps, 7);
  const auto log = runs::MetricsLog::read(again.output / "metrics.csv", 100).value();
  for (const auto& row : log.rows())
    EXPECT_EQ(row.validation_nll.has_value(), row.step == 2 || row.step == 3 || row.step == 6 || row.step == 7);
  EXPECT_NE(bytes_of(config()).find("validation_every_steps = 3\n"), std::string::npos);
}

TEST_F(ResumedOptions, AnotherDeviceIsTaken_WhereItIsThere) {
  again.max_steps = 3;
  again.device = "cpu";
  NoProgress quiet;
  EXPECT_TRUE(train(again, quiet));
  again.max_steps = 4;
  again.device = "cuda:63";
  EXPECT_NE(error_of(again).what.find("--device cuda:63: "), std::string::npos);
}

TEST_F(ResumedOptions, AnEditedConfigFileIsUsedOrRefused) {
  edit("max_steps = 2\n", "max_steps = 4\n");
  NoProgress quiet;
  const auto report = train(again, quiet);
  ASSERT_TRUE(report.ok()) << report.error().to_line();
  EXPECT_EQ(report->steps, 4);

  edit("weight_decay = 0.05\n", "weight_decay = 0.5\n");
  const Error error = error_of(again);
  EXPECT_EQ(error.what,
            "weight_decay is 0.5, but the run has 0.05, which resuming cannot change: put the run's value back");
  EXPECT_EQ(error.path, config().string());
  fs::remove(config());
  EXPECT_TRUE(train(again, quiet).ok()) << "the saved options are enough";
}

}  // namespace
}  // namespace continuo::train
