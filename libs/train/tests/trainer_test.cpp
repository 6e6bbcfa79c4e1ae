#include "continuo/train/trainer.h"

#include <algorithm>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/dataset/build.h"

#include "state/event_file.h"
#include "state/resume_state.h"

namespace continuo::train {
namespace {

namespace fs = std::filesystem;

// Asks to stop once so many steps are done.
class StopAt final : public Progress {
 public:
  explicit StopAt(std::uint64_t step) : step_(step) {}
  void update(std::uint64_t done, std::uint64_t, std::string_view note) override { done_ = done, note_ = note; }
  bool stop_requested() const override { return done_ >= step_; }
  const std::string& note() const { return note_; }

 private:
  std::uint64_t step_, done_ = 0;
  std::string note_;
};

// Scales and arpeggios that differ from tune to tune.
std::string tune(int number) {
  static constexpr const char* kFigures[] = {"CDEF GABc|", "cBAG FEDC|", "CEGc GECE|", "DFAd AFDF|", "G2G2 A2B2|"};
  std::string text = "X:1\nT:Tune\nM:4/4\nL:1/8\nK:C\n";
  for (int bar = 0; bar < 8 + number % 3; ++bar) text += kFigures[(number * (bar / 2 + 1) + bar) % 5];
  return text + "\n";
}

class TrainerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    root() = fs::temp_directory_path() / ("continuo_train_" + std::to_string(getpid()));
    fs::create_directories(root() / "tunes");
    for (int i = 0; i < 60; ++i) std::ofstream(root() / "tunes" / (std::to_string(i) + ".abc")) << tune(i);
    dataset::BuildOptions options;
    options.source = root() / "tunes";
    options.output = root() / "data";
    ThreadPool threads(1);
    NoProgress progress;
    const auto built = dataset::build(options, threads, progress);
    ASSERT_TRUE(built) << built.error().to_line();
  }
  static void TearDownTestSuite() { fs::remove_all(root()); }
  static fs::path& root() {
    static fs::path path;
    return path;
  }

  static TrainOptions small_run(const std::string& model, const std::string& name) {
    TrainOptions options;
    options.data = root() / "data";
    options.output = root() / name;
    options.model = model;
    options.size = "tiny";
    options.d_model = 32;
    options.n_layers = 2;
    options.n_heads = model == "lstm" ? 0 : 2;
    options.context_length = 48;
    options.batch_size = 4;
    options.dropout = 0.1;
    options.augment_transpose = 0;
    options.max_steps = 20;
    options.seed = 11;
    options.threads = 1;
    options.precision = "bf16";
    options.validation_every_steps = 5;
    options.validation_every_seconds = 0;
    options.checkpoint_every_minutes = 0;
    return options;
  }

  static std::string bytes_of(const fs::path& path) { return read_text_file(path).value(); }
  // A model file's metadata and data, but what depends on the process: the time, the limits it was given, its threads.
  static std::map<std::string, std::string> model_of(const fs::path& path) {
    const auto file = checkpoint::SafetensorsFile::open(path);
    EXPECT_TRUE(file.ok()) << file.error().to_line();
    if (!file.ok()) return {};
    std::map<std::string, std::string> content = file->metadata();
    std::string& provenance = content.at("continuo.provenance");
    auto members = nlohmann::json::parse(provenance);
    members.erase("training_sec");
    for (const char* name : {"max_steps", "max_minutes", "epochs", "threads"}) members.at("options").erase(name);
    provenance = members.dump();
    for (const auto& [name, tensor] : file->tensors()) content[name] = {tensor.data.begin(), tensor.data.end()};
    return content;
  }
  static std::int64_t event_files(const fs::path& run) {
    return std::count_if(fs::directory_iterator(run), fs::directory_iterator(),
                         [](const auto& entry) { return is_event_file(entry.path()); });
  }
  // The columns of metrics.csv that do not tell the time.
  static std::vector<std::string> losses(const fs::path& run) {
    std::ifstream file(run / "metrics.csv");
    std::vector<std::string> rows;
    for (std::string line; std::getline(file, line);) {
      std::vector<std::string> cells;
      for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
        cells.push_back(line.substr(begin, (end = line.find(',', begin)) - begin));
      }
      rows.push_back(cells[0] + " " + cells[2] + " " + cells[4] + " " + cells[5] + " " + cells[6] + " " + cells[7]);
    }
    return rows;
  }
};

class EveryModelTrains : public TrainerTest, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, EveryModelTrains, testing::Values("lstm", "gpt", "gpt2", "transformer_xl", "bert"));

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
    options.learning_rate = 1e-9;  // the weights hardly move, so that validation tells of its pieces alone
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

TEST_F(TrainerTest, NothingToResumeIsSaid) {
  TrainOptions options = small_run("lstm", "nowhere");
  options.resume = true;
  NoProgress quiet;
  const auto report = train(options, quiet);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::not_found);
  EXPECT_EQ(report.error().path, options.output.string());
}

TEST_F(TrainerTest, ADivergingRunNamesItsStepAndKeepsTheBest) {
  TrainOptions options = small_run("lstm", "diverging");
  options.max_steps = 4;
  NoProgress quiet;
  ASSERT_TRUE(train(options, quiet));
  const std::string best = bytes_of(options.output / "best.safetensors");
  auto state = ResumeState::open(options.output / "resume.safetensors");
  ASSERT_TRUE(state);
  // One weight that is not a number, put into the saved state.
  std::string bytes = bytes_of(options.output / "resume.safetensors");
  const auto& tensor = state->file.tensors().at("value/layers.0.lstm.input.weight");
  const std::string pattern(reinterpret_cast<const char*>(tensor.data.data()), 64);
  bytes.replace(bytes.find(pattern), 4, std::string("\x00\x00\xc0\x7f", 4));
  ASSERT_TRUE(write_file(options.output / "resume.safetensors", bytes));
  options.resume = true;
  options.max_steps = 8;
  const auto report = train(options, quiet);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().where, "step 5");
  EXPECT_EQ(bytes_of(options.output / "best.safetensors"), best);
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
