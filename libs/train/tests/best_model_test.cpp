#include "hooks/best_model.h"

#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"

#include "fakes.h"

namespace continuo::train {
namespace {

using Written = FakeModel::Written;

class BestModelTest : public FakeRun {};

// What is measured at the end, by what the validations on the way measured. Each of them has measured 100 tokens in
// `evaluate_sec` seconds, and the split has 1,000 tokens.
TEST_F(BestModelTest, IsMeasuredOverAsMuchAsTheTimeAllows) {
  struct Case {
    const char* what;
    std::int64_t validation_tokens;
    bool masked;
    double evaluate_sec, elapsed_sec;
    std::optional<std::uint64_t> asked;
    double closing_sec;
  };
  for (const Case& c : {Case{"all was measured", 0, false, 1, 50, {}, 0},
                        Case{"as much as all was measured", 1000, false, 1, 50, {}, 0},
                        Case{"masked tokens are never known to be all", 1000, true, 1, 50, 0, 10},
                        Case{"all fits into 10 seconds", 999, false, 1, 50, 0, 10},
                        Case{"half fits into 10 seconds", 100, false, 2, 50, 500, 10},
                        Case{"a tenth of the time is more", 100, false, 2, 150, 750, 15},
                        Case{"all fits into a tenth of the time", 100, false, 2, 400, 0, 20}}) {
    start_over();
    state.options.validation_tokens = c.validation_tokens;
    if (c.masked) state.config.masking = checkpoint::Masking::kBidirectional;
    FakeModel model(state, now_sec);
    model.evaluate_sec = c.evaluate_sec;
    History history(state);
    Validation validation(state, model, history);
    BestModel best(state, model, validation);
    EXPECT_EQ(best.closing_sec(), std::nullopt);
    state.position.step = 3;
    ASSERT_TRUE(validation.run());
    now_sec = c.elapsed_sec;
    EXPECT_EQ(best.closing_sec(), c.closing_sec) << c.what;

    model.nll = 2.5;
    model.tokens = 700;
    model.asked.clear();
    model.written.clear();
    ASSERT_TRUE(best.close(StoppedBy::kCompleted));
    if (!c.asked) {
      EXPECT_TRUE(model.asked.empty() && model.written.empty() && model.read_files.empty()) << c.what;
      EXPECT_EQ(state.position.best_nll, 3);
      continue;
    }
    EXPECT_EQ(model.asked, std::vector<std::uint64_t>{*c.asked}) << c.what;
    EXPECT_EQ(model.read_files, std::vector<std::string>{runs::kBestFile});
    EXPECT_EQ(model.written, (std::vector<Written>{{runs::kBestFile, 1, 2.5}})) << "where it comes from stays";
    EXPECT_EQ(state.position.best_nll, 2.5);
    EXPECT_EQ(state.best_tokens, 700U);
    ASSERT_EQ(state.notes.size(), *c.asked > 0 ? 1U : 0U) << c.what;
    if (*c.asked > 0) {
      EXPECT_EQ(state.notes[0].rfind("the final validation covers the first 700 tokens; ", 0), 0U);
    }
  }
}

TEST_F(BestModelTest, AFigureOfAnEarlierProcessIsMeasuredAgain) {
  state.options.validation_tokens = 0;
  state.position.best_nll = 2;  // and best_tokens is not known
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  BestModel best(state, model, validation);
  ASSERT_TRUE(best.close(StoppedBy::kTimeLimit));
  EXPECT_EQ(model.asked, std::vector<std::uint64_t>{0});
  EXPECT_EQ(state.best_tokens, 100U);
}

TEST_F(BestModelTest, StopRequestsLeaveItAsItIs) {
  state.position.best_nll = 2;
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  BestModel best(state, model, validation);
  ASSERT_TRUE(best.close(StoppedBy::kInterrupted));
  EXPECT_TRUE(model.asked.empty());
  model.stop = true;
  ASSERT_TRUE(best.close(StoppedBy::kCompleted));
  EXPECT_EQ(model.asked.size(), 1U);
  EXPECT_TRUE(model.written.empty());
  EXPECT_EQ(state.position.best_nll, 2);
}

// A stop request during the only validation of a run, which is after its last step.
TEST_F(BestModelTest, WithoutABestModelThereIsNothingToMeasure) {
  FakeModel model(state, now_sec);
  History history(state);
  const Validation validation(state, model, history);
  BestModel best(state, model, validation);
  ASSERT_TRUE(best.close(StoppedBy::kCompleted));
  EXPECT_TRUE(model.read_files.empty() && model.written.empty());
}

TEST_F(BestModelTest, WithoutValidationPiecesTheLastModelIsTheBest) {
  for (const StoppedBy reason : {StoppedBy::kCompleted, StoppedBy::kInterrupted}) {
    start_over();
    state.validation_windows = 0;
    state.position.step = 8;
    FakeModel model(state, now_sec);
    History history(state);
    const Validation validation(state, model, history);
    BestModel best(state, model, validation);
    ASSERT_TRUE(best.close(reason));
    EXPECT_EQ(model.written, (std::vector<Written>{{runs::kBestFile, 8, 0}}));
    EXPECT_TRUE(model.asked.empty());
  }
}

// The saved state and the file of the best model may be of different moments.
TEST_F(BestModelTest, AResumedRunKnowsTheBetterOfStateAndFile) {
  auto config = checkpoint::preset_config("lstm", "tiny").value();
  config.vocab_size = 5;
  std::map<std::string, checkpoint::TensorView> tensors;
  std::map<std::string, std::vector<std::uint8_t>> memory;
  for (const auto& spec : checkpoint::tensor_specs(config)) {
    std::size_t bytes = sizeof(float);
    for (const std::int64_t size : spec.shape) bytes *= static_cast<std::size_t>(size);
    memory[spec.name].resize(bytes);
    tensors[spec.name] = {checkpoint::DType::kF32, spec.shape, memory[spec.name]};
  }
  struct Case {
    double state_nll;
    std::optional<double> file_nll;
    double expected;
  };
  for (const Case& c : {Case{3, 2, 2}, Case{2, 3, 2}, Case{0, 3, 3}, Case{2, 0, 2}, Case{2, {}, 0}, Case{0, 0, 0}}) {
    start_over();
    FakeModel model(state, now_sec);
    History history(state);
    const Validation validation(state, model, history);
    BestModel best(state, model, validation);
    state.position.best_nll = c.state_nll;
    if (c.file_nll) {
      const auto written = checkpoint::write_checkpoint(state.file(runs::kBestFile), config, nlohmann::json::object(),
                                                        {.validation_nll = *c.file_nll}, tensors);
      ASSERT_TRUE(written) << written.error().to_line();
    }
    best.restore();
    EXPECT_EQ(state.position.best_nll, c.expected) << c.state_nll << ' ' << c.file_nll.value_or(-1);
  }
}

}  // namespace
}  // namespace continuo::train
