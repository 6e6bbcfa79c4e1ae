#include "continuo/train/trainer.h"

#include "trainer_fixture.h"

namespace continuo::train {
namespace {

INSTANTIATE_TEST_SUITE_P(Models, EveryModelTrains, testing::Values("lstm", "gpt", "gpt2", "transformer_xl", "bert"));

TEST_P(EveryModelTrains, LossFallsOnASmallDataSet) {
  const std::string model = GetParam();
  TrainOptions options = small_run(model, model + "_overfit");
  options.max_steps = model == "bert" ? 700 : 300;
  options.dropout = 0;
  options.learning_rate = 3e-3;
  options.d_model = 64;
  options.warmup_steps = 30;  // post-norm needs it
  options.validation_every_steps = 150;
  options.precision = "fp32";
  NoProgress quiet;
  const auto report = train(options, quiet);
  ASSERT_TRUE(report) << report.error().to_line();
  // Even odds over the vocabulary are 6.3 nats, the words' frequencies alone about 2.9.
  EXPECT_LT(report->final_loss, model == "bert" ? 2.5 : 1.5);
  EXPECT_GT(report->best_validation_nll, 0);
  EXPECT_GT(report->tokens_per_s, 0);
  EXPECT_GT(report->peak_memory_bytes, 1U << 20);
  const auto best = checkpoint::Checkpoint::open(options.output / "best.safetensors");
  ASSERT_TRUE(best) << best.error().to_line();
  EXPECT_EQ(best->model.preset, model);
  EXPECT_EQ(best->provenance.validation_nll, report->best_validation_nll);
  EXPECT_EQ(best->provenance.validation_tokens, static_cast<std::int64_t>(report->validation_tokens));
  EXPECT_TRUE(best->provenance.validation_nll_quarters[0]);
  EXPECT_GT(best->provenance.training_sec, 0);
  EXPECT_EQ(best->provenance.data_fingerprint.size(), 16U);
  EXPECT_GT(best->provenance.data_tokens, 0);
  EXPECT_EQ(best->provenance.options.at("seed"), options.seed);
  EXPECT_GT(best->provenance.options.at("learning_rate").get<double>(), 0) << "defaults are filled in";
  EXPECT_FALSE(best->provenance.options.contains("data") || best->provenance.options.contains("output"));
  for (const char* file : {"last.safetensors", "resume.safetensors", "config.toml", "metrics.csv", "loss.png"}) {
    EXPECT_TRUE(fs::exists(options.output / file)) << file;
  }
}

TEST_F(TrainerTest, SamplerIsCalledAndItsFailureIsNoted) {
  TrainOptions options = small_run("lstm", "sampled");
  options.max_steps = 3;
  fs::path asked;
  options.sampler = [&](const fs::path& model, const fs::path& midi) -> Status {
    EXPECT_TRUE(checkpoint::Checkpoint::open(model).ok());
    asked = midi;
    return Error{ErrorCode::io, "no music today"};
  };
  NoProgress quiet;
  const auto report = train(options, quiet);
  ASSERT_TRUE(report);
  EXPECT_EQ(asked, options.output / "samples" / "step-3.mid");
  ASSERT_FALSE(report->notes.empty());
  EXPECT_NE(report->notes.back().find("no music today"), std::string::npos);
}

TEST_F(TrainerTest, ConfigFileStartsTheSameRun) {
  const TrainOptions options = small_run("gpt2", "config_a");
  NoProgress quiet;
  ASSERT_TRUE(train(options, quiet));
  TrainOptions from_file;
  ASSERT_TRUE(apply_toml_file(from_file, options.output / "config.toml"));
  from_file.output = root() / "config_b";
  ASSERT_TRUE(train(from_file, quiet));
  EXPECT_EQ(losses(options.output), losses(from_file.output));
}

TEST_F(TrainerTest, AnEarlierRunIsNotOverwrittenUnasked) {
  TrainOptions options = small_run("lstm", "twice");
  options.max_steps = 2;
  NoProgress quiet;
  ASSERT_TRUE(train(options, quiet));
  const std::string before = bytes_of(options.output / "last.safetensors");
  options.seed = 99;
  const auto second = train(options, quiet);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(bytes_of(options.output / "last.safetensors"), before);
  options.replace = true;
  ASSERT_TRUE(train(options, quiet));
  EXPECT_NE(bytes_of(options.output / "last.safetensors"), before);
}

TEST_F(TrainerTest, AReplacedRunLeavesNothingBehind) {
  TrainOptions options = small_run("lstm", "replaced");
  options.max_steps = 5;
  options.tensorboard = true;
  NoProgress quiet;
  ASSERT_TRUE(train(options, quiet));
  ASSERT_TRUE(fs::exists(options.output / "best.safetensors"));
  EXPECT_EQ(event_files(options.output), 1);
  options.replace = true;
  options.tensorboard = false;
  StopAt at_once(0);
  const auto report = train(options, at_once);
  ASSERT_TRUE(report) << report.error().to_line();
  EXPECT_EQ(report->steps, 0);
  EXPECT_EQ(report->stopped_by, StoppedBy::kInterrupted);
  EXPECT_EQ(report->notes, std::vector<std::string>{"interrupted, resume with --resume"});
  EXPECT_EQ(report->validation_tokens, 0U);
  EXPECT_FALSE(fs::exists(options.output / "best.safetensors"));
  EXPECT_FALSE(fs::exists(options.output / "loss.png"));
  EXPECT_EQ(event_files(options.output), 0);
  EXPECT_EQ(losses(options.output).size(), 1U) << "the header alone";
  EXPECT_TRUE(fs::exists(options.output / "last.safetensors"));
}

TEST_F(TrainerTest, ABatchIsAtMostTheWholeData) {
  TrainOptions options = small_run("lstm", "large_batch");
  options.batch_size = 60000;
  options.max_steps = 2;
  NoProgress quiet;
  const auto report = train(options, quiet);
  ASSERT_TRUE(report) << report.error().to_line();
  EXPECT_DOUBLE_EQ(report->epochs, 2);
  ASSERT_FALSE(report->notes.empty());
  EXPECT_EQ(report->notes[0].rfind("the data set fills only ", 0), 0U) << report->notes[0];
}

TEST_F(TrainerTest, TheFinalFigureCoversTheWholeSplit) {
  TrainOptions options = small_run("lstm", "final");
  options.max_steps = 5;
  options.validation_tokens = 1;  // one batch on the way
  NoProgress quiet;
  const auto report = train(options, quiet);
  ASSERT_TRUE(report) << report.error().to_line();
  options.output = root() / "final_all";
  options.validation_tokens = 0;
  const auto all = train(options, quiet);
  ASSERT_TRUE(all);
  EXPECT_EQ(report->validation_tokens, all->validation_tokens);
  EXPECT_NEAR(report->best_validation_nll, all->best_validation_nll, 1e-6);
  EXPECT_GT(report->validation_tokens, 100U);
}

TEST_F(TrainerTest, MinutesLimitTheRun) {
  TrainOptions options = small_run("lstm", "minutes");
  options.max_steps = 0;
  options.max_minutes = 0.03;
  StopAt never(~std::uint64_t{0});
  const auto report = train(options, never);
  ASSERT_TRUE(report);
  EXPECT_GT(report->steps, 0);
  EXPECT_EQ(report->stopped_by, StoppedBy::kTimeLimit);
  EXPECT_LT(report->elapsed_sec, 20);
  EXPECT_EQ(never.note().rfind("loss ", 0), 0U) << never.note();
  EXPECT_NE(never.note().find("tokens/s"), std::string::npos);
}

}  // namespace
}  // namespace continuo::train
