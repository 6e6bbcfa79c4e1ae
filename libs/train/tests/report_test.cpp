#include "hooks/report.h"

#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"

#include "fakes.h"

namespace continuo::train {
namespace {

class Shown final : public Progress {
 public:
  void update(std::uint64_t done, std::uint64_t total, std::string_view note) override {
    lines.push_back(std::to_string(done) + "/" + std::to_string(total) + " " + std::string(note));
  }
  std::vector<std::string> lines;
};

class ReportTest : public FakeRun {
 protected:
  void step(History& history, Report& report, const StepRecord& record) {
    state.position.step += 1;
    state.position.tokens += record.result.tokens;
    now_sec += record.seconds;
    history.after_step(record);
    report.after_step(record);
  }
};

TEST_F(ReportTest, EachStepHasALine) {
  FakeModel model(state, now_sec);
  History history(state);
  Validation validation(state, model, history);
  const Plan plan(state.options, 101);
  Shown shown;
  Report report(state, {plan, history, validation}, shown);
  step(history, report, step_record(4, 5000, 2));
  ASSERT_TRUE(validation.run());
  step(history, report, step_record(2, 5000, 2));
  EXPECT_EQ(shown.lines, (std::vector<std::string>{"1/101 loss 4.000  2,500 tokens/s  3:20 left",
                                                   "2/101 loss 3.000  val 3.000  2,500 tokens/s  3:18 left"}));
}

TEST_F(ReportTest, StepsThatAreLeftFollowTheClockOfARunLimitedByMinutes) {
  state.options.max_minutes = 1;
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  const Plan plan(state.options, 0);
  Shown shown;
  Report report(state, {plan, history, validation}, shown);
  step(history, report, step_record(4, 10, 4));
  step(history, report, step_record(4, 10, 14));  // smoothed: 5 s
  EXPECT_EQ(shown.lines[0].rfind("1/15 ", 0), 0U) << shown.lines[0];
  EXPECT_EQ(shown.lines[1].rfind("2/10 ", 0), 0U) << shown.lines[1];
}

TEST_F(ReportTest, TheEndHasEverything) {
  state.config = checkpoint::preset_config("lstm", "tiny").value();
  state.config.vocab_size = 50;
  state.position = {.step = 10, .tokens = 1000, .best_nll = 1.5, .precision = "bf16"};
  state.best_tokens = 77;
  state.notes = {"a note"};
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  const Plan plan(state.options, 100);
  Shown shown;
  Report report(state, {plan, history, validation}, shown);
  EXPECT_EQ(report.at_end(StoppedBy::kCompleted).tokens_per_s, 0) << "no step by this process";
  step(history, report, step_record(4, 100, 2));
  step(history, report, step_record(3, 200, 1));
  now_sec = 9;
  const TrainReport done = report.at_end(StoppedBy::kTimeLimit);
  EXPECT_EQ(done.steps, 12);
  EXPECT_EQ(done.tokens, 1300U);
  EXPECT_DOUBLE_EQ(done.epochs, 2.4);
  EXPECT_DOUBLE_EQ(done.tokens_per_s, 100) << "of this process";
  EXPECT_DOUBLE_EQ(done.final_loss, 3.5);
  EXPECT_EQ(done.best_validation_nll, 1.5);
  EXPECT_EQ(done.validation_tokens, 77U);
  EXPECT_EQ(done.elapsed_sec, 9);
  EXPECT_EQ(done.parameters, checkpoint::parameter_count(state.config));
  EXPECT_GT(done.peak_memory_bytes, 0U);
  EXPECT_EQ(done.precision, "bf16");
  EXPECT_EQ(done.stopped_by, StoppedBy::kTimeLimit);
  EXPECT_EQ(done.notes, std::vector<std::string>{"a note"});
  EXPECT_EQ(report.at_end(StoppedBy::kInterrupted).notes,
            (std::vector<std::string>{"a note", "interrupted, resume with --resume"}));
}

TEST(StoppedBy, HasNames) {
  EXPECT_EQ(to_string(StoppedBy::kCompleted), "completed");
  EXPECT_EQ(to_string(StoppedBy::kTimeLimit), "time limit");
  EXPECT_EQ(to_string(StoppedBy::kNoImprovement), "no improvement");
  EXPECT_EQ(to_string(StoppedBy::kInterrupted), "interrupted");
}

}  // namespace
}  // namespace continuo::train
