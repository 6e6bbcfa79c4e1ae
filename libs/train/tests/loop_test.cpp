#include "loop/loop.h"

#include <cmath>
#include <functional>

#include "fakes.h"

namespace continuo::train {
namespace {

using Names = std::vector<std::string>;

// Writes down what is called.
class FakeHook final : public Hook {
 public:
  FakeHook(std::string name, Names& calls) : name_(std::move(name)), calls_(calls) {}

  std::vector<std::int64_t> due_at;  // numbers of is_due() calls, counted from 0
  Result<Outcome> result = Outcome::kDone;
  Status close_result;
  std::function<void()> at_run;
  std::optional<double> closing;
  StepRecord last;
  mutable std::vector<double> asked_at;  // seconds

  Result<Outcome> open() override { return call("open"), Outcome::kDone; }
  void after_step(const StepRecord& record) override { call("step"), last = record; }
  bool is_due(double elapsed_sec) const override {
    asked_at.push_back(elapsed_sec);
    return std::find(due_at.begin(), due_at.end(), std::int64_t(asked_at.size()) - 1) != due_at.end();
  }
  Result<Outcome> run() override {
    call("run");
    if (at_run) at_run();
    return result;
  }
  Status close(StoppedBy reason) override { return call("close " + std::string(to_string(reason))), close_result; }
  Status abandon() override { return call("abandon"), Status{}; }
  std::optional<double> closing_sec() const override { return closing; }

 private:
  void call(const std::string& what) { calls_.push_back(name_ + " " + what); }
  std::string name_;
  Names& calls_;
};

class StopWhen final : public Progress {
 public:
  void update(std::uint64_t, std::uint64_t, std::string_view) override {}
  bool stop_requested() const override { return stop; }
  bool stop = false;
};

class LoopTest : public FakeRun {
 protected:
  Result<StoppedBy> run(std::int64_t step_limit) {
    Plan plan(state.options, step_limit);
    return Loop({state,
                 plan,
                 progress,
                 [this](std::int64_t step, double learning_rate) {
                   calls.push_back("step " + std::to_string(step));
                   rates.push_back(learning_rate);
                   now_sec += step_sec;
                   if (step == stop_at_step) progress.stop = true;
                   return StepResult{.loss = 1, .tokens = 10, .finite = step != broken_step};
                 },
                 {&a, &b}})
        .run();
  }

  Names calls;
  std::vector<double> rates;
  double step_sec = 1;
  std::int64_t stop_at_step = -1, broken_step = -1;
  FakeHook a{"a", calls}, b{"b", calls};
  StopWhen progress;
};

TEST_F(LoopTest, StepsAndHooksFollowEachOtherInOrder) {
  a.due_at = {2};
  b.due_at = {1, 2};
  const auto reason = run(2);
  ASSERT_TRUE(reason);
  EXPECT_EQ(*reason, StoppedBy::kCompleted);
  EXPECT_EQ(calls, (Names{"a open", "b open", "step 0", "a step", "b step", "b run", "step 1", "a step", "b step",
                          "a run", "b run", "a close completed", "b close completed"}));
  EXPECT_EQ(state.position.step, 2);
  EXPECT_EQ(state.position.tokens, 20U);
}

TEST_F(LoopTest, HooksAreAskedOnceAfterEachStepAtOneMoment) {
  step_sec = 3;
  ASSERT_TRUE(run(2));
  EXPECT_EQ(a.asked_at, (std::vector<double>{0, 3, 6}));
  EXPECT_EQ(b.asked_at, a.asked_at);
}

TEST_F(LoopTest, AStepIsTimedAndHasTheRateOfThePlan) {
  state.options.learning_rate = 1;
  state.options.warmup_steps = 10;
  step_sec = 2;
  ASSERT_TRUE(run(100));
  EXPECT_DOUBLE_EQ(rates[0], 0.1);
  EXPECT_DOUBLE_EQ(rates[9], 1);
  EXPECT_EQ(a.last.seconds, 2);
  EXPECT_EQ(a.last.learning_rate, rates.back());
  EXPECT_EQ(a.last.result.tokens, 10U);
}

TEST_F(LoopTest, ARunThatIsAtItsEndOnlyCloses) {
  state.position.step = 5;
  a.due_at = {0};  // there was no step after which it could be due
  ASSERT_TRUE(run(5));
  EXPECT_EQ(calls, (Names{"a open", "b open", "a close completed", "b close completed"}));
}

TEST_F(LoopTest, TheFirstReasonThatHoldsEndsTheRun) {
  struct Case {
    const char* what;
    std::int64_t step_limit, stop_at_step;
    double minutes;
    StoppedBy reason;
    std::int64_t steps;
  };
  for (const Case& c :
       {Case{"steps", 3, -1, 0, StoppedBy::kCompleted, 3}, Case{"a stop request", 9, 1, 0, StoppedBy::kInterrupted, 2},
        Case{"steps, and a stop request", 3, 2, 0, StoppedBy::kCompleted, 3},
        Case{"90 % of a minute", 0, -1, 1, StoppedBy::kTimeLimit, 6},
        Case{"time, and a stop request", 0, 5, 1, StoppedBy::kTimeLimit, 6},
        Case{"steps and time", 6, -1, 1, StoppedBy::kCompleted, 6}}) {
    start_over();
    calls.clear();
    progress.stop = false;
    step_sec = 9;
    state.options.max_minutes = c.minutes;
    stop_at_step = c.stop_at_step;
    const auto reason = run(c.step_limit);
    ASSERT_TRUE(reason);
    EXPECT_EQ(*reason, c.reason) << c.what;
    EXPECT_EQ(state.position.step, c.steps) << c.what;
  }
}

TEST_F(LoopTest, AHookThatAStopRequestHasCutShortEndsTheRunAtOnce) {
  a.due_at = {1};
  b.due_at = {1};
  a.result = Outcome::kInterrupted;
  const auto reason = run(9);
  ASSERT_TRUE(reason);
  EXPECT_EQ(*reason, StoppedBy::kInterrupted);
  EXPECT_EQ(calls, (Names{"a open", "b open", "step 0", "a step", "b step", "a run", "b run", "a close interrupted",
                          "b close interrupted"}));
}

TEST_F(LoopTest, AValidationThatExhaustsThePatienceEndsTheRunAtOnceAndAResumedRunAtTheSameStep) {
  state.options.patience = 2;
  a.due_at = {0, 1, 2, 3};
  a.at_run = [this] { state.position.validations_since_best += 1; };
  const auto reason = run(9);
  ASSERT_TRUE(reason);
  EXPECT_EQ(*reason, StoppedBy::kNoImprovement);
  EXPECT_EQ(state.position.step, 2);
  EXPECT_EQ(*run(9), StoppedBy::kNoImprovement) << "resumed";
  EXPECT_EQ(state.position.step, 2);
  state.options.patience = 0;
  EXPECT_EQ(*run(9), StoppedBy::kCompleted);
  EXPECT_EQ(state.position.step, 9);
}

TEST_F(LoopTest, AnInterruptedHookDoesNotHideThatTheRunIsComplete) {
  a.due_at = {3};
  a.result = Outcome::kInterrupted;
  EXPECT_EQ(*run(3), StoppedBy::kCompleted);
}

// A minute of steps that take a second: the run ends in time for what its hooks need.
TEST_F(LoopTest, KeepsTheTimeThatHooksNeedAtTheEnd) {
  struct Case {
    std::vector<std::int64_t> due_at;
    std::optional<double> a, b;
    std::int64_t steps;
  };
  for (const Case& c : {Case{{}, {}, {}, 54}, Case{{}, 0, {}, 60}, Case{{}, 5, 15, 40}, Case{{}, {}, 20, 40},
                        Case{{1}, 5, 15, 40}, Case{{}, 500, {}, 30}}) {
    start_over();
    state.options.max_minutes = 1;
    a.due_at = c.due_at;
    a.asked_at.clear();
    a.closing = c.a;
    b.closing = c.b;
    EXPECT_EQ(*run(0), StoppedBy::kTimeLimit);
    EXPECT_EQ(state.position.step, c.steps) << c.a.value_or(-1) << ' ' << c.b.value_or(-1);
  }
}

TEST_F(LoopTest, ClosingTimeIsKnownOnceAHookHasRun) {
  class Learns final : public Hook {
   public:
    bool is_due(double elapsed_sec) const override { return elapsed_sec == 10; }
    Result<Outcome> run() override { return seconds = 20, Outcome::kDone; }
    std::optional<double> closing_sec() const override { return seconds; }
    std::optional<double> seconds;
  } hook;
  state.options.max_minutes = 1;
  Plan plan(state.options, 0);
  const auto step = [this](std::int64_t, double) { return now_sec += 1, StepResult{}; };
  ASSERT_TRUE(Loop({state, plan, progress, step, {&hook}}).run());
  EXPECT_EQ(state.position.step, 40);
}

TEST_F(LoopTest, ALossThatIsNotFiniteAbandonsTheRun) {
  broken_step = 1;
  const auto reason = run(9);
  ASSERT_FALSE(reason);
  EXPECT_EQ(reason.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(reason.error().where, "step 2");
  EXPECT_EQ(reason.error().path, state.options.output.string());
  EXPECT_EQ(calls, (Names{"a open", "b open", "step 0", "a step", "b step", "step 1", "a abandon", "b abandon"}));
  EXPECT_EQ(state.position.step, 1) << "the broken step was not taken";
  EXPECT_EQ(state.position.tokens, 10U);
}

TEST_F(LoopTest, ErrorsOfHooksEndTheRun) {
  a.due_at = {1};
  a.result = Error{ErrorCode::io, "no disk"};
  EXPECT_EQ(run(9).error().what, "no disk");
  EXPECT_EQ(calls.back(), "a run");
  calls.clear();
  a.close_result = Error{ErrorCode::io, "no space"};
  EXPECT_EQ(run(1).error().what, "no space");
  EXPECT_EQ(calls.back(), "a close completed");
}

}  // namespace
}  // namespace continuo::train
