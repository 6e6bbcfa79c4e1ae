#include "hooks/sampling.h"

#include "fakes.h"

namespace continuo::train {
namespace {

using Written = FakeModel::Written;

class SamplingTest : public FakeRun {
 protected:
  void SetUp() override {
    FakeRun::SetUp();
    state.options.sample_every_minutes = 1;
    state.options.sampler = [this](const std::filesystem::path& model, const std::filesystem::path& midi) -> Status {
      models.push_back(model.filename().string());
      midis.push_back(midi.lexically_relative(state.options.output).generic_string());
      now_sec += 6;
      if (fails) return Error{ErrorCode::io, "no music today"};
      return {};
    };
  }
  bool fails = false;
  std::vector<std::string> models, midis;
};

TEST_F(SamplingTest, ComposesWithTheLastModelEveryFewMinutes) {
  FakeModel model(state, now_sec);
  History history(state);
  Validation validation(state, model, history);
  state.position.step = 2;
  ASSERT_TRUE(validation.run());
  Sampling sampling(state, model, validation);
  EXPECT_EQ(sampling.closing_sec(), std::nullopt);
  EXPECT_FALSE(sampling.is_due(59));
  EXPECT_TRUE(sampling.is_due(60));
  state.position.step = 3;
  now_sec = 61;
  const auto outcome = sampling.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, Outcome::kDone);
  EXPECT_EQ(model.written.back(), (Written{runs::kLastFile, 3, 0})) << "the figure is of other weights";
  EXPECT_EQ(models, std::vector<std::string>{runs::kLastFile});
  EXPECT_EQ(midis, std::vector<std::string>{"samples/step-3.mid"});
  EXPECT_EQ(sampling.closing_sec(), 6);
  EXPECT_FALSE(sampling.is_due(61 + 59));
  EXPECT_TRUE(sampling.is_due(61 + 60));
  EXPECT_TRUE(state.notes.empty());
}

TEST_F(SamplingTest, ItsIntervalOfAResumedRunCountsFromThere) {
  state.position.elapsed_sec = 1000;
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  const Sampling sampling(state, model, validation);
  EXPECT_FALSE(sampling.is_due(1059));
  EXPECT_TRUE(sampling.is_due(1060));
}

TEST_F(SamplingTest, AtTheEndItComposesWithTheBestModelThatThereIs) {
  struct Case {
    StoppedBy reason;
    bool has_best;
    std::vector<std::string> models;
  };
  for (const Case& c :
       {Case{StoppedBy::kCompleted, true, {runs::kBestFile}}, Case{StoppedBy::kTimeLimit, true, {runs::kBestFile}},
        Case{StoppedBy::kInterrupted, true, {}}, Case{StoppedBy::kCompleted, false, {runs::kLastFile}}}) {
    const auto sampler = state.options.sampler;
    start_over();
    state.options.sampler = sampler;
    models.clear();
    FakeModel model(state, now_sec);
    History history(state);
    const Validation validation(state, model, history);
    Sampling sampling(state, model, validation);
    if (c.has_best) {
      ASSERT_TRUE(write_file(state.file(runs::kBestFile), "a model"));
    }
    ASSERT_TRUE(sampling.close(c.reason));
    EXPECT_EQ(models, c.models) << to_string(c.reason);
    EXPECT_TRUE(model.written.empty());
  }
}

TEST_F(SamplingTest, AFailureIsNotedAndEndsNothing) {
  fails = true;
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  Sampling sampling(state, model, validation);
  state.position.step = 12;
  ASSERT_TRUE(sampling.run());
  ASSERT_EQ(state.notes.size(), 1U);
  EXPECT_EQ(state.notes[0].rfind("no sample at step 12: ", 0), 0U) << state.notes[0];
  EXPECT_NE(state.notes[0].find("no music today"), std::string::npos);
  EXPECT_EQ(sampling.closing_sec(), 6) << "a failed sample takes its time, too";
}

TEST_F(SamplingTest, WithoutASamplerOnlyTheModelIsWritten) {
  state.options.sampler = nullptr;
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  Sampling sampling(state, model, validation);
  now_sec = 60;
  ASSERT_TRUE(sampling.run());
  ASSERT_TRUE(sampling.close(StoppedBy::kCompleted));
  EXPECT_EQ(model.written.size(), 1U);
  EXPECT_EQ(sampling.closing_sec(), std::nullopt);
  EXPECT_FALSE(sampling.is_due(119));
}

}  // namespace
}  // namespace continuo::train
