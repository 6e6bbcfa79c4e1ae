#include "continuo/runs/metrics_log.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "continuo/base/file.h"

namespace continuo::runs {
namespace {

TEST(MetricsLog, ReadsBackWhatItWroteUpToAStep) {
  const auto path = std::filesystem::temp_directory_path() / ("continuo_metrics_" + std::to_string(getpid()) + ".csv");
  MetricsLog log;
  for (int step = 1; step <= 5; ++step) {
    MetricsRow row;
    row.step = step;
    row.loss = double(1.0F / float(step));
    log.add(row);
  }
  log.set_validation(1.6, {{{}, 1.0, {}, 2.0}});
  ASSERT_TRUE(log.write_csv(path));
  const auto all = MetricsLog::read(path, 5), some = MetricsLog::read(path, 3);
  ASSERT_TRUE(all && some);
  ASSERT_EQ(all->rows().size(), 5U);
  EXPECT_EQ(some->rows().size(), 3U);
  EXPECT_EQ(float(all->rows()[2].loss), 1.0F / 3.0F) << "every bit of a float";
  EXPECT_EQ(all->rows()[4].validation_nll, 1.6);
  EXPECT_EQ(all->rows()[4].quarter_nll, (std::array<std::optional<double>, 4>{{{}, 1.0, {}, 2.0}}));
  EXPECT_EQ(all->rows()[3].quarter_nll, (std::array<std::optional<double>, 4>{}));
  ASSERT_TRUE(write_file(path, "step\n1,2,3\n"));
  EXPECT_EQ(MetricsLog::read(path, 5).error().code, ErrorCode::malformed);
  std::filesystem::remove(path);
}

TEST(MetricsLog, EveryCellSurvives) {
  const auto path = std::filesystem::temp_directory_path() / ("continuo_cells_" + std::to_string(getpid()) + ".csv");
  MetricsLog log;
  log.add({.step = 7,
           .epoch = 1.5,
           .tokens = 123456789012,
           .elapsed_sec = 3.25,
           .loss = 0.1,
           .validation_nll = 2.5,
           .quarter_nll = {{1.25, 2.0, 3.0, 4.5}},
           .learning_rate = 0.001,
           .gradient_norm = 4,
           .tokens_per_s = 99});
  ASSERT_TRUE(log.write_csv(path));
  const auto read = MetricsLog::read(path, 7);
  ASSERT_TRUE(read);
  const MetricsRow& row = read->rows().at(0);
  EXPECT_EQ(row.step, 7);
  EXPECT_EQ(row.epoch, 1.5);
  EXPECT_EQ(row.tokens, 123456789012U);
  EXPECT_EQ(row.elapsed_sec, 3.25);
  EXPECT_EQ(row.loss, 0.1);
  EXPECT_EQ(row.validation_nll, 2.5);
  EXPECT_EQ(row.quarter_nll, (std::array<std::optional<double>, 4>{{1.25, 2.0, 3.0, 4.5}}));
  EXPECT_EQ(row.learning_rate, 0.001);
  EXPECT_EQ(row.gradient_norm, 4);
  EXPECT_EQ(row.tokens_per_s, 99);
  std::filesystem::remove(path);
}

TEST(MetricsLog, BrokenRowsAreNamed) {
  const auto path = std::filesystem::temp_directory_path() / ("continuo_broken_" + std::to_string(getpid()) + ".csv");
  const std::string good = "1,0,10,0,2,,0,0,5,,1,,2\n";
  for (const std::string bad :
       {"2,0,10,0,2,,0,0,5,,,\n", "2,0,10,0,2,,0,0,5,,,,,6\n", "two,0,10,0,2,,0,0,5,,,,\n", "2,,10,0,2,,0,0,5,,,,\n",
        "2,0,x,0,2,,0,0,5,,,,\n", "2,0,10,x,2,,0,0,5,,,,\n", "2,0,10,0,2x,,0,0,5,,,,\n", "2,0,10,0,2,x,0,0,5,,,,\n",
        "2,0,10,0,2,,x,0,5,,,,\n", "2,0,10,0,2,,0,x,5,,,,\n", "2,0,10,0,2,,0,0,x,,,,\n", "2,0,10,0,2,,0,0,5,x,,,\n",
        "2,0,10,0,2,,0,0,5,,,,x\n"}) {
    ASSERT_TRUE(write_file(path, "the header\n" + good + bad));
    const auto read = MetricsLog::read(path, 9);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().where, "line 3") << bad;
  }
  EXPECT_TRUE(MetricsLog::read("/nowhere/metrics.csv", 9)->rows().empty());
  std::filesystem::remove(path);
}

TEST(MetricsLog, RecentLossIsThatOfTheLastRows) {
  MetricsLog log;
  EXPECT_EQ(log.recent_loss(3), 0);
  for (int i = 1; i <= 4; ++i) log.add({.loss = static_cast<double>(i)});
  EXPECT_EQ(log.recent_loss(3), 3);
  EXPECT_EQ(log.recent_loss(4), 2.5);
  EXPECT_EQ(log.recent_loss(9), 2.5);
  EXPECT_EQ(log.recent_loss(0), 0);
}

TEST(MetricsLog, FilesWithoutQuartersAreRead) {
  const auto path = std::filesystem::temp_directory_path() / ("continuo_old_" + std::to_string(getpid()) + ".csv");
  const std::string header =
      "step,epoch,tokens,elapsed_sec,loss,validation_nll,learning_rate,gradient_norm,tokens_per_s\n";
  ASSERT_TRUE(write_file(path, header + "1,0,10,0,2,1.5,0,0,5\n2,0,20,0,2,,0,0,5\n"));
  const auto read = MetricsLog::read(path, 9);
  ASSERT_TRUE(read) << read.error().to_line();
  ASSERT_EQ(read->rows().size(), 2U);
  EXPECT_EQ(read->rows()[0].validation_nll, 1.5);
  EXPECT_EQ(read->rows()[0].quarter_nll, (std::array<std::optional<double>, 4>{}));
  EXPECT_EQ(read->rows()[1].tokens_per_s, 5);
  ASSERT_TRUE(write_file(path, header + "1,0,10,0,2,1.5,0,0,5,,,,\n"));
  EXPECT_FALSE(MetricsLog::read(path, 9)) << "more cells than the header has";
  std::filesystem::remove(path);
}

TEST(MetricsLog, ALineThatWasCut_IsLeftOut) {
  const auto path = std::filesystem::temp_directory_path() / ("continuo_cut_metrics_" + std::to_string(getpid()));
  MetricsLog log;
  MetricsRow row;
  row.step = 1;
  log.add(row);
  ASSERT_TRUE(log.write_csv(path));
  std::ofstream(path, std::ios::app) << "2,0.33";
  const auto read = MetricsLog::read(path, 5);
  ASSERT_TRUE(read.ok()) << read.error().to_line();
  EXPECT_EQ(read->rows().size(), 1u);
  std::ofstream(path, std::ios::app) << "\n";
  EXPECT_EQ(MetricsLog::read(path, 5).error().where, "line 3");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace continuo::runs
