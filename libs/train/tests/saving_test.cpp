#include "hooks/saving.h"

#include "fakes.h"

namespace continuo::train {
namespace {

using Written = FakeModel::Written;

class SavingTest : public FakeRun {
 protected:
  void SetUp() override {
    FakeRun::SetUp();
    state.options.checkpoint_every_minutes = 2;
  }
};

TEST_F(SavingTest, IsDueEveryFewMinutesAfterTheLastSave) {
  state.position.elapsed_sec = 30;  // by earlier processes
  FakeModel model(state, now_sec);
  model.write_sec = 7;
  History history(state);
  History other(state);
  const Validation validation(state, model, other);
  Saving saving(state, model, history, validation);
  EXPECT_FALSE(saving.is_due(30 + 119));
  EXPECT_TRUE(saving.is_due(30 + 120));
  now_sec = 160;
  ASSERT_TRUE(saving.run());
  EXPECT_FALSE(saving.is_due(167 + 119));
  EXPECT_TRUE(saving.is_due(167 + 120));

  state.options.checkpoint_every_minutes = 0;
  const Saving never(state, model, history, validation);
  EXPECT_FALSE(never.is_due(1e12));
}

TEST_F(SavingTest, WritesTheHistoryThenTheStateThenTheModel) {
  FakeModel model(state, now_sec);
  model.write_sec = 3;
  History history(state);
  Validation validation(state, model, history);
  Saving saving(state, model, history, validation);
  EXPECT_EQ(saving.closing_sec(), std::nullopt);
  state.position.step = 4;
  state.position.tokens = 40;
  history.after_step(step_record(2));
  now_sec = 50;
  const auto outcome = saving.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, Outcome::kDone);
  EXPECT_EQ(model.files_at_parameters, (std::vector<std::string>{runs::kMetricsFile, runs::kChartFile}));
  EXPECT_EQ(model.written, (std::vector<Written>{{runs::kLastFile, 4, 0}}));
  EXPECT_EQ(saving.closing_sec(), 3);
  const auto resumed = ResumeState::open(state.file(runs::kResumeFile));
  ASSERT_TRUE(resumed) << resumed.error().to_line();
  EXPECT_EQ(resumed->position.step, 4);
  EXPECT_EQ(resumed->position.tokens, 40U);
  EXPECT_EQ(resumed->position.elapsed_sec, 50);
  EXPECT_EQ(resumed->options.checkpoint_every_minutes, 2);
}

TEST_F(SavingTest, TheLastModelHasAFigureOnlyIfItsOwnWeightsWereMeasured) {
  FakeModel model(state, now_sec);
  History history(state);
  Validation validation(state, model, history);
  Saving saving(state, model, history, validation);
  state.position.step = 4;
  ASSERT_TRUE(validation.run());
  ASSERT_TRUE(saving.run());
  state.position.step = 5;
  ASSERT_TRUE(saving.run());
  EXPECT_EQ(model.written,
            (std::vector<Written>{{runs::kBestFile, 4, 3}, {runs::kLastFile, 4, 3}, {runs::kLastFile, 5, 0}}));
}

TEST_F(SavingTest, SavesAtTheEndHoweverTheRunEnds) {
  for (const StoppedBy reason : {StoppedBy::kCompleted, StoppedBy::kTimeLimit, StoppedBy::kInterrupted}) {
    start_over();
    FakeModel model(state, now_sec);
    History history(state);
    const Validation validation(state, model, history);
    Saving saving(state, model, history, validation);
    state.position.step = 9;
    ASSERT_TRUE(saving.close(reason));
    EXPECT_EQ(ResumeState::open(state.file(runs::kResumeFile))->position.step, 9) << to_string(reason);
    EXPECT_EQ(model.written.size(), 1U);
  }
}

TEST_F(SavingTest, AFolderThatIsGoneIsAnError) {
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  Saving saving(state, model, history, validation);
  std::filesystem::remove_all(state.options.output);
  EXPECT_FALSE(saving.run());
  EXPECT_FALSE(saving.close(StoppedBy::kInterrupted));
  EXPECT_TRUE(model.written.empty());
}

}  // namespace
}  // namespace continuo::train
