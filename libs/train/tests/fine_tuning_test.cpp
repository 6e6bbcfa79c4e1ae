#include <algorithm>

#include "continuo/checkpoint/tensor_names.h"
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

// Rotary positions, places and recurrent layers have no weights for the places of a window, learned positions do.
TEST_F(TrainerTest, AModelIsTrainedFurtherOnWindowsOfAnotherLength_WhereItsWeightsFitThem) {
  NoProgress quiet;
  for (const std::string positions : {"rotary", "learned"}) {
    TrainOptions first = small_run("gpt2", "first-" + positions);
    first.positions = positions;
    ASSERT_TRUE(train(first, quiet));
    const auto before = checkpoint::Checkpoint::open(first.output / "best.safetensors");
    TrainOptions longer = small_run("gpt2", "longer-" + positions);
    longer.init_from = first.output;
    longer.context_length = 2 * before->model.context_length;
    const auto report = train(longer, quiet);
    EXPECT_EQ(report.ok(), positions == "rotary") << (report ? "" : report.error().to_line());
    if (!report) {
      EXPECT_NE(report.error().what.find("but the model that training starts from has"), std::string::npos);
      continue;
    }
    const auto after = checkpoint::Checkpoint::open(longer.output / "best.safetensors");
    EXPECT_EQ(after->model.context_length, longer.context_length);
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

// Beside low-rank changes the rows of words are trained where some are new.
TEST_F(TrainerTest, NewWords_AreLearntBesideLowRankChanges) {
  NoProgress quiet;
  TrainOptions first = small_run("gpt2", "before-new-words");
  first.data = build_tsd(root() / "tunes", root() / "old-words", 8);
  ASSERT_TRUE(train(first, quiet));
  TrainOptions whole = small_run("gpt2", "new-words");
  whole.data = build_tsd(root() / "tunes", root() / "new-words-data", 64);
  whole.init_from = first.output;
  whole.lora_rank = 2;
  whole.max_steps = 8;
  ASSERT_TRUE(train(whole, quiet));
  TrainOptions halves = whole;
  halves.output = root() / "new-words-in-halves";
  StopAt stop(3);
  ASSERT_TRUE(train(halves, stop));
  const auto at_first = checkpoint::Checkpoint::open(halves.output / "last.safetensors");
  fs::remove_all(first.output);
  TrainOptions again;
  again.output = halves.output;
  again.threads = 1;
  again.resume = true;
  const auto resumed = train(again, quiet);
  ASSERT_TRUE(resumed.ok()) << resumed.error().to_line();
  EXPECT_EQ(losses(whole.output), losses(halves.output));
  EXPECT_EQ(model_of(whole.output / "last.safetensors"), model_of(halves.output / "last.safetensors"));
  const auto at_last = checkpoint::Checkpoint::open(halves.output / "last.safetensors");
  ASSERT_TRUE(at_first.ok() && at_last.ok());
  for (const checkpoint::TensorSpec& spec : checkpoint::tensor_specs(at_last->model)) {
    const bool of_words = spec.name == "token_embedding.weight" || spec.name.starts_with("output.");
    const auto &old = at_first->file.tensors().at(spec.name).data, &now = at_last->file.tensors().at(spec.name).data;
    EXPECT_EQ(std::ranges::equal(old, now), spec.matrices.empty() && !of_words) << spec.name;
  }
}

// A short run that changes the model of `first` by matrices of a low rank.
TrainOptions low_rank_run(const TrainOptions& first, const std::string& name) {
  TrainOptions tuned;
  tuned.data = first.data;
  tuned.output = first.output.parent_path() / name;
  tuned.init_from = first.output;
  tuned.lora_rank = 3;
  tuned.ema = 0.9;
  tuned.augment_transpose = 0;
  tuned.max_steps = 12;
  tuned.threads = 1;
  tuned.precision = "bf16";
  tuned.validation_every_steps = 4;
  tuned.validation_every_seconds = 0;
  tuned.checkpoint_every_minutes = 0;
  return tuned;
}

TEST_F(TrainerTest, LowRankChanges_LeaveTheRestAndLearn) {
  NoProgress quiet;
  for (const std::string model : {"lstm", "gpt2"}) {
    TrainOptions first = small_run(model, "whole-" + model);
    first.max_steps = 100;
    const auto trained = train(first, quiet);
    ASSERT_TRUE(trained.ok()) << trained.error().to_line();
    TrainOptions tuned = low_rank_run(first, "low-rank-" + model);
    tuned.max_steps = 40;
    const auto report = train(tuned, quiet);
    ASSERT_TRUE(report.ok()) << report.error().to_line();
    EXPECT_LT(report->best_validation_nll, trained->best_validation_nll);
    const auto before = checkpoint::Checkpoint::open(first.output / "best.safetensors");
    const auto after = checkpoint::Checkpoint::open(tuned.output / "best.safetensors");
    ASSERT_TRUE(before.ok() && after.ok());
    EXPECT_EQ(after->provenance.options.at("lora_rank"), 3);
    EXPECT_EQ(after->file.tensors().size(), before->file.tensors().size()) << "the changed model is like any other";
    for (const checkpoint::TensorSpec& spec : checkpoint::tensor_specs(before->model)) {
      const auto &old = before->file.tensors().at(spec.name).data, &now = after->file.tensors().at(spec.name).data;
      EXPECT_EQ(std::ranges::equal(old, now), spec.matrices.empty()) << spec.name;
    }
  }
}

TEST_F(TrainerTest, LowRankChanges_ResumeToTheBitOnAnyNumberOfThreads) {
  NoProgress quiet;
  for (const std::string model : {"lstm", "gpt2"}) {
    const TrainOptions first = small_run(model, "before-" + model);
    ASSERT_TRUE(train(first, quiet));
    const TrainOptions whole = low_rank_run(first, "straight-" + model);
    ASSERT_TRUE(train(whole, quiet));
    TrainOptions halves = low_rank_run(first, "halves-" + model);
    halves.threads = 3;
    StopAt stop(7);
    ASSERT_TRUE(train(halves, stop));
    fs::remove_all(first.output);
    TrainOptions again;
    again.output = halves.output;
    again.threads = 2;
    again.resume = true;
    const auto second = train(again, quiet);
    ASSERT_TRUE(second.ok()) << second.error().to_line();
    EXPECT_EQ(losses(whole.output), losses(halves.output));
    for (const char* file : {"last.safetensors", "best.safetensors"})
      EXPECT_EQ(model_of(whole.output / file), model_of(halves.output / file)) << file;
  }
}

TEST_F(TrainerTest, LowRankChanges_ThatCannotBeAreRefused) {
  NoProgress quiet;
  const TrainOptions first = small_run("gpt2", "to-be-changed");
  ASSERT_TRUE(train(first, quiet));
  TrainOptions tuned = low_rank_run(first, "changed");
  tuned.lora_rank = 33;
  EXPECT_EQ(train(tuned, quiet).error().what,
            "lora_rank is 33, but the smallest side of the matrices of layers.0.attention.qkv.weight is 32");
  tuned.lora_rank = 32;
  tuned.optimiser = "muon";
  EXPECT_EQ(train(tuned, quiet).error().what,
            "lora_rank: its changes are moved by adamw, not by muon: leave optimiser out");
  tuned.optimiser = "auto";
  tuned.given = {"muon_learning_rate"};
  EXPECT_EQ(train(tuned, quiet).error().what,
            "muon_learning_rate: changes of lora_rank are moved by adamw, which does not use it: leave it out");
  tuned.given = {};
  tuned.init_from.clear();
  EXPECT_EQ(train(tuned, quiet).error().what, "lora_rank: needs init_from, the model that is changed");
  EXPECT_FALSE(fs::exists(tuned.output));
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
