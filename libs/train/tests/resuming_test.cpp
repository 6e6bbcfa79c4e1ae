#include "continuo/train/trainer.h"

#include "state/resume_state.h"
#include "trainer_fixture.h"

namespace continuo::train {
namespace {

TEST_P(EveryModelTrains, ResumedRunEqualsUninterruptedRunToTheBit) {
  const std::string model = GetParam();
  NoProgress quiet;
  const TrainOptions whole = small_run(model, model + "_whole");
  const auto straight = train(whole, quiet);
  ASSERT_TRUE(straight) << straight.error().to_line();
  EXPECT_EQ(straight->steps, 20);
  EXPECT_EQ(straight->stopped_by, StoppedBy::kCompleted);

  TrainOptions halves = small_run(model, model + "_halves");
  StopAt stop(10);
  const auto first = train(halves, stop);
  ASSERT_TRUE(first) << first.error().to_line();
  EXPECT_EQ(first->steps, 10);
  EXPECT_EQ(first->stopped_by, StoppedBy::kInterrupted);
  TrainOptions again;
  again.output = halves.output;
  again.threads = 1;
  again.resume = true;
  const auto second = train(again, quiet);
  ASSERT_TRUE(second) << second.error().to_line();
  EXPECT_EQ(second->steps, 20);
  EXPECT_EQ(losses(whole.output), losses(halves.output));
  for (const char* file : {"last.safetensors", "best.safetensors"}) {
    EXPECT_EQ(model_of(whole.output / file), model_of(halves.output / file)) << file;
  }
}

TEST_P(EveryModelTrains, ByMuonItResumesToTheBitOnAnyNumberOfThreads) {
  const std::string model = GetParam();
  const auto by_muon = [&](const std::string& name, int threads) {
    TrainOptions options = small_run(model, model + name);
    options.optimiser = "muon";
    options.threads = threads;
    return options;
  };
  NoProgress quiet;
  const TrainOptions whole = by_muon("_muon", 1);
  const auto straight = train(whole, quiet);
  ASSERT_TRUE(straight) << straight.error().to_line();

  TrainOptions halves = by_muon("_muon_halves", 3);
  StopAt stop(9);
  ASSERT_TRUE(train(halves, stop));
  TrainOptions again;
  again.output = halves.output;
  again.threads = 2;
  again.resume = true;
  ASSERT_TRUE(train(again, quiet));
  EXPECT_EQ(losses(whole.output), losses(halves.output));
  EXPECT_EQ(model_of(whole.output / "last.safetensors"), model_of(halves.output / "last.safetensors"));

  TrainOptions adamw = small_run(model, model + "_adamw");
  adamw.optimiser = "adamw";
  ASSERT_TRUE(train(adamw, quiet));
  EXPECT_NE(losses(whole.output), losses(adamw.output));
}

TEST_P(EveryModelTrains, PackedAndAugmentedItResumesToTheBitAndValidatesTheSamePieces) {
  const std::string model = GetParam();
  const auto moved = [&](const std::string& name) {
    TrainOptions options = small_run(model, model + name);
    options.pack = true;
    options.augment_transpose = 5;
    options.augment_tempo = 0.1;
    options.augment_velocity = 10;
    options.augment_jitter = 0.05;
    options.max_steps = 60;        // several epochs
    options.learning_rate = 1e-9;  // the weights hardly move, so validation depends on its pieces alone
    return options;
  };
  NoProgress quiet;
  const auto straight = train(moved("_moved"), quiet);
  ASSERT_TRUE(straight) << straight.error().to_line();
  StopAt stop(31);
  ASSERT_TRUE(train(moved("_moved_halves"), stop));
  TrainOptions again;
  again.output = root() / (model + "_moved_halves");
  again.threads = 1;
  again.resume = true;
  ASSERT_TRUE(train(again, quiet));
  EXPECT_EQ(losses(root() / (model + "_moved")), losses(root() / (model + "_moved_halves")));

  TrainOptions still = small_run(model, model + "_still");
  still.max_steps = 60;
  still.learning_rate = 1e-9;
  const auto plain = train(still, quiet);
  ASSERT_TRUE(plain) << plain.error().to_line();
  EXPECT_NEAR(plain->best_validation_nll, straight->best_validation_nll, 1e-4);
  EXPECT_NE(losses(root() / (model + "_moved")), losses(still.output)) << "training saw the same pieces";
}

TEST_P(EveryModelTrains, WithAnAverageOfWeightsItResumesToTheBit) {
  const std::string model = GetParam();
  const auto averaged = [&](const std::string& name) {
    TrainOptions options = small_run(model, model + name);
    options.ema = 0.9;
    return options;
  };
  NoProgress quiet;
  const TrainOptions whole = averaged("_ema"), halves = averaged("_ema_halves");
  ASSERT_TRUE(train(whole, quiet));
  StopAt stop(10);
  ASSERT_TRUE(train(halves, stop));
  TrainOptions again;
  again.output = halves.output;
  again.threads = 1;
  again.resume = true;
  ASSERT_TRUE(train(again, quiet));
  EXPECT_EQ(losses(whole.output), losses(halves.output));
  for (const char* file : {"last.safetensors", "best.safetensors"}) {
    EXPECT_TRUE(model_of(whole.output / file) == model_of(halves.output / file)) << file;
  }

  const TrainOptions plain = small_run(model, model + "_no_ema");
  ASSERT_TRUE(train(plain, quiet));
  const auto with = ResumeState::open(whole.output / "resume.safetensors").value();
  const auto without = ResumeState::open(plain.output / "resume.safetensors").value();
  const auto last = checkpoint::Checkpoint::open(whole.output / "last.safetensors").value();
  const auto bytes = [](const checkpoint::TensorView& tensor) {
    return std::vector<std::uint8_t>(tensor.data.begin(), tensor.data.end());
  };
  for (const auto& [name, tensor] : last.file.tensors()) {
    const auto& weights = with.file.tensors().at("value/" + name);
    EXPECT_EQ(bytes(weights), bytes(without.file.tensors().at("value/" + name))) << "training is the same: " << name;
    EXPECT_EQ(bytes(tensor), bytes(with.file.tensors().at("average/" + name))) << "the average is kept: " << name;
    EXPECT_NE(bytes(tensor), bytes(weights)) << name;
    EXPECT_FALSE(without.file.tensors().contains("average/" + name));
  }
}

TEST_F(TrainerTest, ACorruptResumeStateIsAnErrorAndDamagesNothing) {
  TrainOptions options = small_run("lstm", "corrupt");
  options.max_steps = 2;
  NoProgress quiet;
  ASSERT_TRUE(train(options, quiet));
  const std::string good = bytes_of(options.output / "resume.safetensors");
  const std::string model = bytes_of(options.output / "best.safetensors");
  options.resume = true;
  options.max_steps = 4;
  std::string no_position = good;
  no_position.replace(no_position.find("vocabulary_size"), 10, "VOCABULARY");
  for (const std::string& bad : {std::string(), good.substr(0, 100), good.substr(0, good.size() - 10),
                                 std::string("not a state at all, but long enough"), no_position, model}) {
    ASSERT_TRUE(write_file(options.output / "resume.safetensors", bad));
    const auto report = train(options, quiet);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().path, (options.output / "resume.safetensors").string());
    EXPECT_EQ(bytes_of(options.output / "best.safetensors"), model);
    EXPECT_EQ(bytes_of(options.output / "resume.safetensors"), bad);
  }
  ASSERT_TRUE(write_file(options.output / "resume.safetensors", good));
  const auto report = train(options, quiet);
  ASSERT_TRUE(report) << report.error().to_line();
  EXPECT_EQ(report->steps, 4);
}

// A process that is killed leaves the last saved state beside outputs that are newer.
TEST_F(TrainerTest, AKilledRunRepeatsItsLosses) {
  NoProgress quiet;
  const TrainOptions whole = small_run("gpt", "not_killed");
  ASSERT_TRUE(train(whole, quiet));
  const TrainOptions killed = small_run("gpt", "killed");
  StopAt stop(7);
  ASSERT_TRUE(train(killed, stop));
  const std::string saved = bytes_of(killed.output / "resume.safetensors");
  TrainOptions again;
  again.output = killed.output;
  again.threads = 1;
  again.resume = true;
  StopAt later(13);
  ASSERT_TRUE(train(again, later));
  ASSERT_TRUE(write_file(killed.output / "resume.safetensors", saved));
  const auto report = train(again, quiet);
  ASSERT_TRUE(report) << report.error().to_line();
  EXPECT_EQ(report->steps, 20);
  EXPECT_EQ(losses(whole.output), losses(killed.output));
  for (const char* file : {"last.safetensors", "best.safetensors"}) {
    EXPECT_EQ(model_of(whole.output / file), model_of(killed.output / file)) << file;
  }
}

TEST_F(TrainerTest, AResumedRunKeepsItsLimitsUnlessItIsGivenOthers) {
  TrainOptions options = small_run("lstm", "limits");
  options.max_steps = 3;
  NoProgress quiet;
  ASSERT_TRUE(train(options, quiet));
  struct Case {
    std::int64_t max_steps;
    double epochs, max_minutes;
    std::int64_t steps;
  };
  for (const Case& c : {Case{0, 0, 0, 3}, Case{4, 0, 0, 4}, Case{6, 0, 100, 6}, Case{2, 0, 0, 6}}) {
    TrainOptions again;
    again.output = options.output;
    again.resume = true;
    again.threads = 1;
    again.max_steps = c.max_steps;
    again.epochs = c.epochs;
    again.max_minutes = c.max_minutes;
    const auto report = train(again, quiet);
    ASSERT_TRUE(report) << report.error().to_line();
    EXPECT_EQ(report->steps, c.steps);
    EXPECT_EQ(report->stopped_by, StoppedBy::kCompleted);
  }
}

TEST_F(TrainerTest, EachProcessOfARunWritesAnEventFileOnceItIsAskedTo) {
  TrainOptions options = small_run("lstm", "events");
  options.max_steps = 2;
  NoProgress quiet;
  ASSERT_TRUE(train(options, quiet));
  EXPECT_EQ(event_files(options.output), 0);
  options.resume = true;
  for (const bool asked : {true, false}) {
    options.max_steps += 2;
    options.tensorboard = asked;
    ASSERT_TRUE(train(options, quiet));
    EXPECT_EQ(event_files(options.output), asked ? 1 : 2) << "the run keeps writing them";
  }
}

TEST_F(TrainerTest, OtherDataIsRefusedAndDataWithoutValidationIsNoted) {
  fs::create_directories(root() / "few");
  for (int i = 0; i < 6; ++i) std::ofstream(root() / "few" / (std::to_string(i) + ".abc")) << tune(i);
  dataset::BuildOptions build;
  build.source = root() / "few";
  build.output = root() / "few_data";
  build.split = dataset::SplitShares{100, 0, 0};
  ThreadPool threads(1);
  NoProgress quiet;
  const auto built = dataset::build(build, threads, quiet);
  ASSERT_TRUE(built) << built.error().to_line();

  TrainOptions options = small_run("lstm", "few_run");
  options.data = build.output;
  options.max_steps = 2;
  const auto report = train(options, quiet);
  ASSERT_TRUE(report) << report.error().to_line();
  ASSERT_FALSE(report->notes.empty());
  EXPECT_EQ(report->notes[0],
            "the data set has no validation pieces: nothing was validated, and best is the last model");
  EXPECT_EQ(report->best_validation_nll, 0);
  EXPECT_EQ(model_of(options.output / "best.safetensors"), model_of(options.output / "last.safetensors"));

  options.data = root() / "data";
  options.resume = true;
  options.max_steps = 4;
  const auto other = train(options, quiet);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::incompatible);
}

TEST_F(TrainerTest, NothingToResumeIsSaid) {
  TrainOptions options = small_run("lstm", "nowhere");
  options.resume = true;
  NoProgress quiet;
  const auto report = train(options, quiet);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::not_found);
  EXPECT_EQ(report.error().path, options.output.string());
}

TEST_F(TrainerTest, ARunThatEndedBeforeItsFirstCheckpointIsSaidToBeOne_AndCanBeStartedAgain) {
  TrainOptions options = small_run("lstm", "short_lived");
  options.max_steps = 2;
  std::filesystem::create_directories(options.output);
  ASSERT_TRUE(write_file(options.output / "config.toml", to_toml(options)));
  NoProgress quiet;
  options.resume = true;
  const auto resumed = train(options, quiet);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().to_line(),
            options.output.string() + ": the run ended before its first checkpoint: start it again, without --resume");
  options.resume = false;
  EXPECT_TRUE(train(options, quiet));
}

TEST_F(TrainerTest, ADivergingRunNamesItsStepAndKeepsTheBest) {
  TrainOptions options = small_run("lstm", "diverging");
  options.max_steps = 4;
  NoProgress quiet;
  ASSERT_TRUE(train(options, quiet));
  const std::string best = bytes_of(options.output / "best.safetensors");
  auto state = ResumeState::open(options.output / "resume.safetensors");
  ASSERT_TRUE(state);
  // One bias that makes the loss too large, put into the saved state.
  std::string bytes = bytes_of(options.output / "resume.safetensors");
  const auto& tensor = state->file.tensors().at("value/output.bias");
  const std::string pattern(reinterpret_cast<const char*>(tensor.data.data()), 64);
  bytes.replace(bytes.find(pattern), 4, std::string("\xff\xff\x7f\x7f", 4));  // the largest float
  ASSERT_TRUE(write_file(options.output / "resume.safetensors", bytes));
  options.resume = true;
  options.max_steps = 8;
  const auto report = train(options, quiet);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().where, "step 5");
  EXPECT_EQ(bytes_of(options.output / "best.safetensors"), best);
}

// Weights that do not move have one and the same figure, which is never a better one.
TEST_F(TrainerTest, PatienceEndsARunThatDoesNotImproveAndAResumedOneAtTheSameStep) {
  const auto still = [](const std::string& name) {
    TrainOptions options = small_run("gpt2", name);
    options.learning_rate = 1e-30;
    options.patience = 2;
    return options;
  };
  NoProgress quiet;
  const auto report = train(still("patient"), quiet);
  ASSERT_TRUE(report) << report.error().to_line();
  EXPECT_EQ(report->stopped_by, StoppedBy::kNoImprovement);
  EXPECT_EQ(report->steps, 15) << "the best at 5, none better at 10 and 15";

  StopAt stop(10);
  ASSERT_TRUE(train(still("patient_halves"), stop));
  TrainOptions again;
  again.output = root() / "patient_halves";
  again.threads = 1;
  again.resume = true;
  const auto resumed = train(again, quiet);
  ASSERT_TRUE(resumed) << resumed.error().to_line();
  EXPECT_EQ(resumed->stopped_by, StoppedBy::kNoImprovement);
  EXPECT_EQ(resumed->steps, 15);
  EXPECT_EQ(losses(root() / "patient"), losses(root() / "patient_halves"));

  again.patience = 3;
  const auto longer = train(again, quiet);
  ASSERT_TRUE(longer) << longer.error().to_line();
  EXPECT_EQ(longer->steps, 20) << "a resumed run may be given more patience";
}

}  // namespace
}  // namespace continuo::train
