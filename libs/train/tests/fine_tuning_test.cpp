#include <algorithm>

#include "continuo/dataset/dataset.h"
#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/train/trainer.h"

#include "trainer_fixture.h"

namespace continuo::train {
namespace {

TEST_F(TrainerTest, ARunThatStartsFromAModel_HasItsShapeAndItsWeights) {
  NoProgress quiet;
  for (const std::string model : {"lstm", "gpt2"}) {
    TrainOptions first = small_run(model, "first-" + model);
    const auto trained = train(first, quiet);
    ASSERT_TRUE(trained.ok()) << trained.error().to_line();
    TrainOptions tuned;
    tuned.data = root() / "data";
    tuned.output = root() / ("tuned-" + model);
    tuned.init_from = first.output;
    tuned.max_steps = 1;
    tuned.learning_rate = 1e-12;
    tuned.weight_decay = 0;
    tuned.threads = 1;
    tuned.precision = "bf16";
    tuned.ema = 0.999;
    const auto report = train(tuned, quiet);
    ASSERT_TRUE(report.ok()) << report.error().to_line();
    EXPECT_NEAR(report->best_validation_nll, trained->best_validation_nll, 1e-4) << model;
    const auto opened = checkpoint::Checkpoint::open(tuned.output / "best.safetensors");
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->model, checkpoint::Checkpoint::open(first.output / "best.safetensors")->model);

    fs::remove_all(first.output);
    TrainOptions further;
    further.output = tuned.output;
    further.resume = true;
    further.max_steps = 2;
    further.threads = 1;
    EXPECT_TRUE(train(further, quiet).ok()) << "the model of before is no longer needed";
  }
}

fs::path build_tsd(const fs::path& tunes, const fs::path& output, int velocity_bins) {
  dataset::BuildOptions build;
  build.source = tunes;
  build.output = output;
  build.made_tokenizer = tokens::make_beat_tokenizer("tsd", {.velocity_bins = velocity_bins}).value();
  ThreadPool threads(1);
  NoProgress quiet;
  const auto built = dataset::build(build, threads, quiet);
  EXPECT_TRUE(built.ok());
  return output;
}

TEST_F(TrainerTest, AVocabularyOfTheSameKind_IsMatchedByName) {
  NoProgress quiet;
  TrainOptions first = small_run("gpt2", "of-few-words");
  first.data = build_tsd(root() / "tunes", root() / "few-words", 8);
  first.max_steps = 60;
  const auto trained = train(first, quiet);
  ASSERT_TRUE(trained.ok()) << trained.error().to_line();
  TrainOptions tuned = small_run("gpt2", "of-more-words");
  tuned.data = build_tsd(root() / "tunes", root() / "more-words", 64);
  tuned.max_steps = 6;
  TrainOptions fresh = tuned;
  fresh.output = root() / "of-more-words-afresh";
  tuned.init_from = first.output;
  const auto more = train(tuned, quiet), unlearnt = train(fresh, quiet);
  ASSERT_TRUE(more.ok()) << more.error().to_line();
  ASSERT_TRUE(unlearnt.ok()) << unlearnt.error().to_line();
  EXPECT_LT(more->best_validation_nll, unlearnt->best_validation_nll);
  EXPECT_TRUE(std::ranges::any_of(more->notes, [](const std::string& note) {
    return note.starts_with("the model's vocabulary becomes that of the data set: ");
  }));
  const auto before = checkpoint::Checkpoint::open(first.output / "best.safetensors");
  const auto after = checkpoint::Checkpoint::open(tuned.output / "best.safetensors");
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_GT(after->model.vocab_size, before->model.vocab_size);
  EXPECT_EQ(after->tokenizer, dataset::TokenDataset::open(tuned.data)->tokenizer());
}

TEST_F(TrainerTest, AModelThatDoesNotFit_IsRefused) {
  NoProgress quiet;
  const TrainOptions first = small_run("gpt2", "fitting");
  ASSERT_TRUE(train(first, quiet).ok());
  TrainOptions tuned = small_run("gpt2", "unfitting");
  tuned.init_from = first.output;
  tuned.n_layers = 3;
  const auto deeper = train(tuned, quiet);
  EXPECT_EQ(deeper.error().what, "n_layers is 3, but the model that training starts from has 2");
  EXPECT_EQ(deeper.error().path, (first.output / "best.safetensors").string());
  tuned.n_layers = 0;
  tuned.model = "lstm";
  EXPECT_EQ(train(tuned, quiet).error().what, "model is lstm, but the model that training starts from has gpt2");
  tuned.init_from = root() / "no such model.safetensors";
  EXPECT_EQ(train(tuned, quiet).error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(tuned.output));

  dataset::BuildOptions build;
  build.source = root() / "tunes";
  build.output = root() / "other-words";
  build.tokenizer = "tsd";
  ThreadPool threads(1);
  ASSERT_TRUE(dataset::build(build, threads, quiet));
  tuned = small_run("gpt2", "unfitting");
  tuned.init_from = first.output;
  tuned.data = build.output;
  const auto other_words = train(tuned, quiet);
  EXPECT_EQ(other_words.error().code, ErrorCode::incompatible);
  EXPECT_NE(other_words.error().what.find("tokenizer is remi, that of the data set"), std::string::npos);
}

}  // namespace
}  // namespace continuo::train
