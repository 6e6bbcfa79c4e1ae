#include "hooks/history.h"

#include "fakes.h"

namespace continuo::train {
namespace {

class HistoryTest : public FakeRun {
 protected:
  // The data rows of metrics.csv.
  std::vector<std::string> rows() const {
    std::vector<std::string> lines;
    const std::string text = text_of(runs::kMetricsFile);
    for (std::size_t begin = text.find('\n') + 1; begin < text.size(); begin = text.find('\n', begin) + 1) {
      lines.push_back(text.substr(begin, text.find('\n', begin) - begin));
    }
    return lines;
  }
};

TEST_F(HistoryTest, ARowDescribesItsStep) {
  History history(state);
  state.position.step = 15;
  state.position.tokens = 1234;
  now_sec = 7.5;
  history.after_step(step_record(2.5, 30, 0.5));
  ASSERT_TRUE(history.write());
  // step, epoch (15 steps of 2 windows, 10 windows), tokens, elapsed, loss, validation, rate, gradient norm, tokens/s
  EXPECT_EQ(rows(), std::vector<std::string>{"15,3.0000,1234,7.50,2.5,,0.25,0.5,60,,,,"});
  EXPECT_TRUE(exists(runs::kChartFile));
}

TEST_F(HistoryTest, SpeedIsSmoothed) {
  History history(state);
  EXPECT_EQ(history.tokens_per_s(), 0);
  history.after_step(step_record(1, 100, 1));
  EXPECT_DOUBLE_EQ(history.tokens_per_s(), 100);
  history.after_step(step_record(1, 200, 1));
  EXPECT_DOUBLE_EQ(history.tokens_per_s(), 110);
  history.after_step(step_record(1, 110, 2));
  EXPECT_DOUBLE_EQ(history.tokens_per_s(), 104.5);
}

TEST_F(HistoryTest, RecentLossIsTheMeanOfTwentySteps) {
  History history(state);
  EXPECT_EQ(history.recent_loss(), 0);
  history.after_step(step_record(100));
  EXPECT_EQ(history.recent_loss(), 100);
  for (int i = 1; i <= 20; ++i) history.after_step(step_record(i));
  EXPECT_DOUBLE_EQ(history.recent_loss(), 10.5);
}

TEST_F(HistoryTest, WithoutStepsThereIsATableButNoChart) {
  History history(state);
  EXPECT_FALSE(history.lacks_validation());
  history.set_validation(validation_nll(1));  // there is no row that it could belong to
  ASSERT_TRUE(history.write());
  EXPECT_TRUE(rows().empty());
  EXPECT_FALSE(exists(runs::kChartFile));
}

TEST_F(HistoryTest, AResumedRunDropsRowsThatItsStateDoesNotKnow) {
  History first(state);
  for (state.position.step = 1; state.position.step <= 5; ++state.position.step) first.after_step(step_record(1));
  ASSERT_TRUE(first.abandon()) << "a run that fails leaves its history";
  EXPECT_EQ(rows().size(), 5U);
  state.position.step = 3;
  History second(state);
  ASSERT_TRUE(second.restore());
  EXPECT_TRUE(second.lacks_validation());
  second.set_validation(validation_nll(2));
  EXPECT_FALSE(second.lacks_validation());
  ASSERT_TRUE(second.write());
  ASSERT_EQ(rows().size(), 3U);
  EXPECT_NE(rows()[2].find(",2.000000,"), std::string::npos);

  ASSERT_TRUE(write_file(state.file(runs::kMetricsFile), "step\nnot a row\n"));
  EXPECT_EQ(second.restore().error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace continuo::train
