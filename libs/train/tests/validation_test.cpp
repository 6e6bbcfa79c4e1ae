#include "hooks/validation.h"

#include "fakes.h"

namespace continuo::train {
namespace {

using Written = FakeModel::Written;

class ValidationTest : public FakeRun {};

TEST_F(ValidationTest, IsDueAfterStepsOrSeconds) {
  struct Case {
    std::int64_t every_steps;
    double every_seconds;
    std::uint64_t windows;
    std::int64_t step;
    double elapsed_sec;
    bool due;
  };
  for (const Case& c : {Case{5, 0, 4, 5, 0, true}, Case{5, 0, 4, 10, 0, true}, Case{5, 0, 4, 4, 1e9, false},
                        Case{5, 0, 4, 6, 1e9, false}, Case{5, 0, 4, 0, 0, false}, Case{5, 0, 0, 5, 0, false},
                        Case{0, 20, 4, 3, 19.9, false}, Case{0, 20, 4, 3, 20, true}, Case{0, 20, 0, 3, 20, false},
                        Case{5, 20, 4, 3, 20, true}, Case{5, 20, 4, 5, 1, true}, Case{5, 20, 4, 4, 1, false},
                        Case{0, 0, 4, 5, 1e9, false}, Case{1, 0, 1, 1, 0, true}}) {
    start_over();
    state.options.validation_every_steps = c.every_steps;
    state.options.validation_every_seconds = c.every_seconds;
    state.validation_windows = c.windows;
    FakeModel model(state, now_sec);
    History history(state);
    const Validation validation(state, model, history);
    state.position.step = c.step;
    EXPECT_EQ(validation.is_due(c.elapsed_sec), c.due)
        << c.every_steps << " steps, " << c.every_seconds << " s, step " << c.step << ", at " << c.elapsed_sec;
  }
}

TEST_F(ValidationTest, SecondsOfAResumedRunCountFromItsBeginning) {
  state.position.elapsed_sec = 100;
  state.options.validation_every_seconds = 20;
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  EXPECT_FALSE(validation.is_due(119));
  EXPECT_TRUE(validation.is_due(120));
}

// 5 seconds of validation are followed by 50 without, whatever the option asks for; 1 second by the option's 20.
TEST_F(ValidationTest, TakesAtMostATenthOfTheTime) {
  state.options.validation_every_seconds = 20;
  FakeModel model(state, now_sec);
  History history(state);
  Validation validation(state, model, history);
  now_sec = 20;
  model.evaluate_sec = 5;
  ASSERT_TRUE(validation.run());
  EXPECT_EQ(now_sec, 25);
  EXPECT_FALSE(validation.is_due(25 + 49.9));
  EXPECT_TRUE(validation.is_due(25 + 50));
  now_sec = 75;
  model.evaluate_sec = 1;
  ASSERT_TRUE(validation.run());
  EXPECT_FALSE(validation.is_due(76 + 19.9));
  EXPECT_TRUE(validation.is_due(76 + 20));
}

TEST_F(ValidationTest, KeepsTheBestModel) {
  FakeModel model(state, now_sec);
  History history(state);
  Validation validation(state, model, history);
  struct Case {
    double nll;
    std::uint64_t tokens;
    double best;
    std::uint64_t best_tokens;
    std::int64_t since_best;
  };
  for (const Case& c : {Case{3, 100, 3, 100, 0}, Case{2, 200, 2, 200, 0}, Case{2, 300, 2, 200, 1},
                        Case{2.5, 400, 2, 200, 2}, Case{1, 500, 1, 500, 0}}) {
    state.position.step += 1;
    model.nll = c.nll;
    model.tokens = c.tokens;
    ASSERT_TRUE(validation.run());
    EXPECT_EQ(state.position.best_nll, c.best);
    EXPECT_EQ(state.best_tokens, c.best_tokens);
    EXPECT_EQ(state.position.validations_since_best, c.since_best);
    EXPECT_EQ(validation.last(), c.nll);
  }
  EXPECT_EQ(model.written,
            (std::vector<Written>{{runs::kBestFile, 1, 3}, {runs::kBestFile, 2, 2}, {runs::kBestFile, 5, 1}}));
}

TEST_F(ValidationTest, MeasuresAsManyTokensAsAskedAndWritesThemIntoTheHistory) {
  state.options.validation_tokens = 4321;
  FakeModel model(state, now_sec);
  model.evaluate_sec = 4;
  model.tokens = 200;
  History history(state);
  Validation validation(state, model, history);
  EXPECT_EQ(validation.closing_sec(), std::nullopt);
  EXPECT_EQ(validation.tokens_per_s(), 0);
  EXPECT_EQ(validation.last(), std::nullopt);
  EXPECT_FALSE(validation.of_this_step());
  state.position.step = 7;
  history.after_step(step_record(5));
  const auto outcome = validation.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, Outcome::kDone);
  EXPECT_EQ(model.asked, std::vector<std::uint64_t>{4321});
  EXPECT_NE(text_of(runs::kMetricsFile).find("7,1.4000,0,0.00,5,3.000000,"), std::string::npos)
      << text_of(runs::kMetricsFile);
  EXPECT_EQ(validation.closing_sec(), 4);
  EXPECT_EQ(validation.tokens_per_s(), 50);
  ASSERT_TRUE(validation.of_this_step());
  EXPECT_EQ(validation.of_this_step()->all.mean(), 3);
  state.position.step = 8;
  EXPECT_FALSE(validation.of_this_step()) << "other weights";
  EXPECT_EQ(validation.last(), 3);
}

TEST_F(ValidationTest, AStopRequestCutsItShortAndLeavesEverythingAsItWas) {
  state.options.validation_every_seconds = 20;
  FakeModel model(state, now_sec);
  model.stop = true;
  model.evaluate_sec = 3;
  History history(state);
  Validation validation(state, model, history);
  state.position.step = 5;
  history.after_step(step_record(5));
  now_sec = 20;
  const auto outcome = validation.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, Outcome::kInterrupted);
  EXPECT_TRUE(history.lacks_validation());
  EXPECT_TRUE(exists(runs::kMetricsFile));
  EXPECT_TRUE(model.written.empty());
  EXPECT_EQ(state.position.best_nll, 0);
  EXPECT_EQ(validation.last(), std::nullopt);
  EXPECT_EQ(validation.closing_sec(), std::nullopt);
  EXPECT_TRUE(validation.is_due(23)) << "it is still due";
}

TEST_F(ValidationTest, AResumedRunMakesUpForOneThatAStopRequestPrevented) {
  struct Case {
    std::int64_t every_steps, step;
    bool has_row, has_figure;
    std::size_t evaluations;
  };
  for (const Case& c : {Case{5, 10, true, false, 1}, Case{5, 10, true, true, 0}, Case{5, 10, false, false, 0},
                        Case{5, 9, true, false, 0}, Case{0, 10, true, false, 0}, Case{5, 0, false, false, 0}}) {
    start_over();
    state.options.validation_every_steps = c.every_steps;
    FakeModel model(state, now_sec);
    History history(state);
    Validation validation(state, model, history);
    state.position.step = c.step;
    if (c.has_row) history.after_step(step_record(5));
    if (c.has_figure) history.set_validation(validation_nll(2));
    const auto outcome = validation.open();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(*outcome, Outcome::kDone);
    EXPECT_EQ(model.asked.size(), c.evaluations) << c.every_steps << " steps, step " << c.step << ' ' << c.has_figure;
    EXPECT_EQ(history.lacks_validation(), c.has_row && !c.has_figure && c.evaluations == 0);
  }
}

TEST_F(ValidationTest, MeasuresTheLastWeightsUnlessItHasOrTheRunWasInterrupted) {
  struct Case {
    StoppedBy reason;
    std::uint64_t windows;
    bool measured;
    std::size_t evaluations;
  };
  for (const Case& c : {Case{StoppedBy::kCompleted, 4, false, 1}, Case{StoppedBy::kTimeLimit, 4, false, 1},
                        Case{StoppedBy::kInterrupted, 4, false, 0}, Case{StoppedBy::kCompleted, 4, true, 1},
                        Case{StoppedBy::kCompleted, 0, false, 0}, Case{StoppedBy::kInterrupted, 4, true, 1}}) {
    start_over();
    state.validation_windows = c.windows;
    FakeModel model(state, now_sec);
    History history(state);
    Validation validation(state, model, history);
    state.position.step = 3;
    if (c.measured) {
      ASSERT_TRUE(validation.run());
    }
    ASSERT_TRUE(validation.close(c.reason));
    EXPECT_EQ(model.asked.size(), c.evaluations) << to_string(c.reason) << ", " << c.windows << " windows";
  }
}

}  // namespace
}  // namespace continuo::train
