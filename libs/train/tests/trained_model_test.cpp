#include "optimiser/trained_model.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <torch/torch.h>
#include <unistd.h>

#include "continuo/checkpoint/presets.h"
#include "continuo/dataset/windows.h"

#include "far_device.h"
#include "loop/training_run.h"
#include "trainer_fixture.h"

namespace continuo::train {
namespace {

checkpoint::ModelConfig tiny_config(const char* model = "gpt") {
  auto config = checkpoint::preset_config(model, "tiny").value();
  config.vocab_size = 20;
  config.context_length = 16;
  config.n_layers = 1;
  config.d_model = 16;
  config.n_heads = 2;
  config.d_ff = 32;
  config.dropout = 0;
  return config;
}

Batch random_batch(std::uint64_t seed) {
  torch::manual_seed(seed);
  Batch batch;
  batch.inputs = torch::randint(4, 20, {2, 16}, torch::kInt64);
  batch.places = torch::arange(32, torch::kInt64);
  batch.targets = torch::randint(4, 20, {32}, torch::kInt64);
  batch.count = 32;
  return batch;
}

class StopAtOnce final : public Progress {
 public:
  void update(std::uint64_t, std::uint64_t, std::string_view) override {}
  bool stop_requested() const override { return true; }
};

TEST(TrainedModel, LearnsABatchByHeart) {
  TrainedModel model(tiny_config(), 1, {});
  const Batch batch = random_batch(1);
  StepResult result;
  std::vector<double> losses;
  for (std::int64_t step = 1; step <= 60; ++step) {
    result = model.step(batch, 0, {.learning_rate = 1e-2, .step = step});
    ASSERT_TRUE(result.finite);
    EXPECT_EQ(result.tokens, 32U);
    EXPECT_GT(result.gradient_norm, 0);
    losses.push_back(result.loss);
  }
  EXPECT_NEAR(losses.front(), std::log(20.0), 0.5) << "the mean over targets, before the update";
  EXPECT_LT(losses.back(), losses.front() / 2);
}

TEST(TrainedModel, SmoothsTheLabelsOfTrainingAlone) {
  const Batch batch = random_batch(1);
  for (const bool fused : {true, false}) {
    TrainedModel plain(tiny_config(), 1, {.fused = fused}),
        smooth(tiny_config(), 1, {.fused = fused, .label_smoothing = 0.25});
    for (std::int64_t step = 1; step <= 200; ++step) {
      plain.step(batch, 0, {.learning_rate = 1e-2, .step = step});
      smooth.step(batch, 0, {.learning_rate = 1e-2, .step = step});
    }
    // The smallest loss is the entropy of a smoothed label: 1 - s + s / V for the target, s / V for 19 others.
    const double other = 0.25 / 20, target = 0.75 + other;
    const double entropy = -target * std::log(target) - 19 * other * std::log(other);
    EXPECT_LT(plain.step(batch, 0, {}).loss, entropy / 2);
    EXPECT_GT(smooth.step(batch, 0, {}).loss, entropy - 1e-4);
    EXPECT_LT(smooth.step(batch, 0, {}).loss, entropy + 0.1) << "learnt by heart";
  }
}

// A step counts each target the same: the loss of a batch is the mean of its halves.
TEST(TrainedModel, TheLossIsTheMeanOverTargetsThatCount) {
  const auto loss = [](const Batch& batch) { return TrainedModel(tiny_config(), 1, {}).step(batch, 0, {}).loss; };
  const Batch whole = random_batch(2);
  Batch first = whole, second = whole;
  first.places = whole.places.slice(0, 0, 8), first.targets = whole.targets.slice(0, 0, 8), first.count = 8;
  second.places = whole.places.slice(0, 8), second.targets = whole.targets.slice(0, 8), second.count = 24;
  EXPECT_NEAR(loss(whole), 0.25 * loss(first) + 0.75 * loss(second), 1e-5);
}

TEST(TrainedModel, AWeightThatIsNotANumberChangesNothing) {
  TrainedModel model(tiny_config(), 1, {});
  auto parameters = model.state();
  parameters[0].value[4 * 16] = NAN;
  const std::vector<float> before(parameters.back().value.begin(), parameters.back().value.end());
  Batch batch = random_batch(3);
  batch.inputs.fill_(4);
  const StepResult result = model.step(batch, 0, {.learning_rate = 1});
  EXPECT_FALSE(result.finite);
  EXPECT_EQ(before, std::vector<float>(parameters.back().value.begin(), parameters.back().value.end()));
}

// With a learning rate and no gradient to speak of, only the decay moves weights.
TEST(TrainedModel, DecayAppliesToMatricesButNotToEmbeddingsNormsAndBiases) {
  TrainedModel decayed(tiny_config(), 1, {}), plain(tiny_config(), 1, {});
  const Batch batch = random_batch(4);
  decayed.step(batch, 0, {.learning_rate = 1e-3, .weight_decay = 10});
  plain.step(batch, 0, {.learning_rate = 1e-3});
  const auto with = decayed.state(), without = plain.state();
  int matrices = 0;
  for (std::size_t i = 0; i < with.size(); ++i) {
    const bool differs = !std::equal(with[i].value.begin(), with[i].value.end(), without[i].value.begin());
    const bool matrix = with[i].shape.size() == 2 && !with[i].name.ends_with("embedding.weight");
    EXPECT_EQ(differs, matrix) << with[i].name;
    matrices += matrix ? 1 : 0;
  }
  EXPECT_GE(matrices, 4);
}

TEST(TrainedModel, DropoutDependsOnItsSeedAlone) {
  auto config = tiny_config();
  config.dropout = 0.5;
  const auto loss = [&](std::uint64_t seed) {
    return TrainedModel(config, 1, {}).step(random_batch(5), seed, {}).loss;
  };
  EXPECT_EQ(loss(1), loss(1));
  EXPECT_NE(loss(1), loss(2));
}

// Rows of 16 tokens, of which the row number n predicts n from its end.
Batch uneven_batch(std::int64_t rows) {
  torch::manual_seed(5);
  Batch batch;
  batch.inputs = torch::randint(4, 20, {rows, 16}, torch::kInt64);
  std::vector<std::int64_t> places;
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t i = 0; i < row; ++i) places.push_back(row * 16 + 15 - row + i);
  batch.places = torch::tensor(places, torch::kInt64);
  batch.targets = torch::randint(4, 20, {std::int64_t(places.size())}, torch::kInt64);
  batch.musical_places = torch::stack({torch::randint(0, 4, {rows, 16}), torch::randint(0, 2, {rows, 16})});
  batch.padding = torch::zeros({rows, 16}, torch::kBool);
  batch.padding.index_put_({1, 0}, true);
  batch.count = std::int64_t(places.size());
  return batch;
}

TEST(TrainedModel, MicroBatchesTakeTheSameSteps) {
  auto config = tiny_config("bert");
  config.places = 4;
  config.slots = 2;
  const Batch batch = uneven_batch(7);
  TrainedModel whole(config, 1, {}), parts(config, 1, {.micro_batch = 3});
  for (std::int64_t step = 1; step <= 3; ++step) {
    const Optimiser::Update update{.learning_rate = 1e-3, .step = step};
    const StepResult expected = whole.step(batch, 0, update), result = parts.step(batch, 0, update);
    EXPECT_NEAR(result.loss, expected.loss, 1e-5);
    EXPECT_NEAR(result.gradient_norm, expected.gradient_norm, 1e-4 * expected.gradient_norm);
    EXPECT_EQ(result.tokens, expected.tokens);
  }
  EXPECT_EQ(parts.micro_batch(), 3);
}

TEST(TrainedModel, OfMicroBatches_OneThatIsNotANumberChangesNothing) {
  TrainedModel model(tiny_config(), 1, {.micro_batch = 1});
  torch::Tensor weights = model.network().parameters()[0].value;
  Batch batch = random_batch(1);
  const torch::NoGradGuard no_grad;
  weights.index_put_({batch.inputs.index({1, 15})}, std::nanf(""));  // of the last row, if of no other
  torch::AutoGradMode grad(true);
  EXPECT_FALSE(model.step(batch, 0, {.learning_rate = 1e-2, .step = 1}).finite);
  for (const auto& parameter : model.network().parameters()) EXPECT_FALSE(parameter.value.grad().defined());
}

// The process's address space, and no more than `beyond` bytes.
void limit_memory(std::size_t beyond) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t limit = pages * static_cast<std::size_t>(getpagesize()) + beyond;
  const rlimit limits{limit, limit};
  setrlimit(RLIMIT_AS, &limits);
}

// Exit status: 0 where a step of 512 long windows was taken in parts.
int train_in_little_memory() {
  at::set_num_threads(1);  // a thread that finds no memory for its stack ends the process
  auto config = tiny_config();
  config.context_length = 256;
  TrainedModel model(config, 1, {.fused = false});
  Batch batch;
  batch.inputs = torch::randint(4, 20, {512, 256}, torch::kInt64);
  batch.places = torch::arange(512 * 256, torch::kInt64);
  batch.targets = batch.inputs.flatten();
  batch.count = batch.places.numel();
  limit_memory(std::size_t{256} << 20);
  const StepResult result = model.step(batch, 0, {.learning_rate = 1e-3, .step = 1});
  const bool in_parts = model.micro_batch() > 0 && model.micro_batch() < 512;
  return result.finite && !result.out_of_memory && in_parts ? 0 : 1;
}

TEST(TrainedModelDeathTest, WhereMemoryIsShort_RowsAreComputedInParts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(train_in_little_memory()), ::testing::ExitedWithCode(0), "");
}

TEST(TrainedModel, EvaluationStopsAfterTheTokensThatWereAskedFor) {
  auto config = tiny_config();
  config.dropout = 0.5;  // not while evaluating
  const TrainedModel model(config, 1, {});
  std::vector<std::vector<std::uint16_t>> pieces(5, std::vector<std::uint16_t>(11, 7));
  const auto sequences = dataset::TokenSequences::in_memory(pieces, std::vector<std::string>(5, "piece"));
  const BatchSource source(sequences, {.context_length = 16, .batch_size = 1, .order = dataset::WindowOrder::kInOrder},
                           Objective::kNextToken);
  NoProgress quiet;
  struct Case {
    std::uint64_t most, measured;
  };
  for (const Case& c : {Case{0, 50}, Case{1, 10}, Case{10, 10}, Case{11, 20}, Case{1000, 50}}) {
    const auto nll = model.evaluate(source, c.most, quiet);
    ASSERT_TRUE(nll);
    EXPECT_EQ(nll->all.tokens, c.measured) << c.most;
    // All pieces are equal, so the mean does not depend on how many are measured.
    EXPECT_NEAR(nll->all.mean(), model.evaluate(source, 1, quiet)->all.mean(), 1e-6);
    EXPECT_GT(nll->all.mean(), 0);
    // Of the ten targets of a piece four are in each of the first two quarters of 16 tokens, two in the third.
    const std::uint64_t counts[] = {4, 4, 2, 0};
    double sum = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(nll->quarters[i].tokens, counts[i] * c.measured / 10) << c.most;
      sum += nll->quarters[i].sum;
    }
    EXPECT_DOUBLE_EQ(sum, nll->all.sum);
  }
  StopAtOnce stop;
  EXPECT_FALSE(model.evaluate(source, 0, stop));
  EXPECT_EQ(Nll{}.mean(), 0);
}

// With a memory, where pieces are cut into windows, and how many are read at once, changes no prediction.
TEST(TrainedModel, EvaluationWithAMemoryDoesNotDependOnWindows) {
  auto config = tiny_config("transformer_xl");
  config.n_layers = 2;
  config.memory_length = 25;
  const TrainedModel model(config, 1, {});
  std::vector<std::vector<std::uint16_t>> pieces;
  for (std::size_t piece = 0; piece < 6; ++piece) {
    pieces.emplace_back(20 + 30 * piece);
    for (std::size_t i = 0; i < pieces.back().size(); ++i)
      pieces.back()[i] = std::uint16_t(4 + (i * i + 3 * piece) % 16);
  }
  const auto sequences = dataset::TokenSequences::in_memory(pieces, std::vector<std::string>(6, "piece"));
  NoProgress quiet;
  const auto nll_of = [&](int context, int batch_size) {
    const BatchSource source(sequences,
                             {.context_length = context,
                              .batch_size = batch_size,
                              .order = dataset::WindowOrder::kInOrder,
                              .memory_length = config.memory_length},
                             Objective::kNextToken);
    return model.evaluate(source, 0, quiet)->all;
  };
  const Nll whole = nll_of(200, 1);
  for (const auto& [context, batch_size] : {std::pair{16, 1}, std::pair{16, 3}, std::pair{7, 2}, std::pair{64, 6}}) {
    const Nll nll = nll_of(context, batch_size);
    EXPECT_EQ(nll.tokens, whole.tokens);
    EXPECT_NEAR(nll.mean(), whole.mean(), 1e-6) << context << ", " << batch_size;
  }
}

TEST(TrainedModel, WhatIsRememberedIsPartOfTheState) {
  auto config = tiny_config("transformer_xl");
  config.memory_length = 24;
  Batch batch = random_batch(1);
  TrainedModel model(config, 1, {.batch_size = 2}), other(config, 1, {.batch_size = 2});
  model.step(batch, 0, {.learning_rate = 1e-3, .step = 1});
  const auto from = model.state();
  const auto to = other.state();
  ASSERT_EQ(from.back().name, "layers.0.memory");
  EXPECT_EQ(from.back().shape, (std::vector<std::int64_t>{2, 24, 32}));
  ASSERT_EQ(from.size(), to.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::copy(from[i].value.begin(), from[i].value.end(), to[i].value.begin());
    std::copy(from[i].first_moment.begin(), from[i].first_moment.end(), to[i].first_moment.begin());
    std::copy(from[i].second_moment.begin(), from[i].second_moment.end(), to[i].second_moment.begin());
  }
  for (std::int64_t step = 2; step < 4; ++step) {
    const Optimiser::Update update{.learning_rate = 1e-3, .step = step};
    EXPECT_EQ(model.step(batch, 0, update).loss, other.step(batch, 0, update).loss);
  }
}

TEST(TrainedModel, EvaluationWeighsAWindowOfMasksByItsLength) {
  auto config = tiny_config();
  config.masking = checkpoint::Masking::kBidirectional;
  const TrainedModel model(config, 1, {});
  const auto sequences = dataset::TokenSequences::in_memory(
      {std::vector<std::uint16_t>(11, 7), std::vector<std::uint16_t>(13, 9), std::vector<std::uint16_t>(4, 8)},
      {"a", "b", "c"});
  NoProgress quiet;
  const auto nll_of = [&](int batch_size) {
    const BatchSource source(sequences,
                             {.context_length = 16, .batch_size = batch_size, .order = dataset::WindowOrder::kInOrder},
                             Objective::kMaskedValidation);
    return *model.evaluate(source, 0, quiet);
  };
  const ValidationNll one = nll_of(1), three = nll_of(3);
  EXPECT_NEAR(one.all.weight, 11 + 13 + 4, 1e-9);
  EXPECT_NEAR(three.all.weight, one.all.weight, 1e-9);
  EXPECT_EQ(three.all.tokens, one.all.tokens);
  EXPECT_NEAR(three.all.mean(), one.all.mean(), 1e-5);
  EXPECT_NE(one.all.sum / double(one.all.tokens), one.all.mean());
}

// How a model is trained in the tests below: on the kernels, on libtorch's functions, and on a device whose memory the
// processor cannot read.
struct Place {
  bool fused;
  torch::Device device;
};

// Where libtorch cannot train there, its functions on the CPU.
const torch::Device kFarAway = neural::kTrainsFarAway ? neural::far_device() : torch::Device(torch::kCPU);
const Place kNear{true, torch::kCPU}, kFar{neural::kTrainsFarAway, kFarAway};

void expect_near(std::span<const float> a, std::span<const float> b, double bound, const std::string& name) {
  ASSERT_EQ(a.size(), b.size()) << name;
  double difference = 0, size = 1e-12;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(a[i] - b[i], 2);
    size += std::pow(b[i], 2);
  }
  EXPECT_LT(std::sqrt(difference / size), bound) << name;
}

void expect_same_state(TrainedModel& a, TrainedModel& b, double bound) {
  const auto of_a = a.state(), of_b = b.state();
  ASSERT_EQ(of_a.size(), of_b.size());
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    EXPECT_EQ(of_a[i].name, of_b[i].name);
    EXPECT_EQ(of_a[i].shape, of_b[i].shape);
    expect_near(of_a[i].value, of_b[i].value, bound, of_a[i].name);
    expect_near(of_a[i].first_moment, of_b[i].first_moment, 10 * bound, of_a[i].name + ", first moment");
    expect_near(of_a[i].second_moment, of_b[i].second_moment, 10 * bound, of_a[i].name + ", second moment");
    expect_near(of_a[i].average, of_b[i].average, bound, of_a[i].name + ", average");
  }
}

class OnADevice : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, OnADevice,
                         testing::Values("lstm", "gru", "attention_rnn", "gpt", "gpt2", "llama", "bert",
                                         "music_transformer", "transformer_xl"));

checkpoint::ModelConfig family_config(const std::string& model) {
  auto config = tiny_config(model.c_str());
  if (config.n_kv_heads > 0) config.n_heads = 4;
  if (config.memory_length > 0) config.memory_length = 8;
  config.dropout = 0.1;
  return config;
}

TrainedModel::Arithmetic arithmetic_at(const Place& place, bool muon) {
  return {.fused = place.fused, .muon = muon, .ema = 0.9, .batch_size = 2, .device = place.device};
}

Optimiser::Update update_of(std::int64_t step) {
  return {.learning_rate = 1e-3, .muon_learning_rate = 0.01, .weight_decay = 0.1, .gradient_clip = 0.5, .step = step};
}

// Forward and backward passes, clipping, both optimisers, decay, the average: five steps lead to the same state.
TEST_P(OnADevice, StepsLeadToTheSameStateAsOnTheKernels) {
  const auto config = family_config(GetParam());
  for (const bool muon : {false, true}) {
    TrainedModel kernels(config, 1, arithmetic_at(kNear, muon));
    TrainedModel plain(config, 1, arithmetic_at({false, torch::kCPU}, muon));
    TrainedModel far(config, 1, arithmetic_at(kFar, muon));
    for (std::int64_t step = 1; step <= 5; ++step) {
      const Batch batch = random_batch(std::uint64_t(step));
      const StepResult expected = kernels.step(batch, 3, update_of(step));
      for (TrainedModel* each : {&plain, &far}) {
        const StepResult result = each->step(batch, 3, update_of(step));
        ASSERT_TRUE(result.finite);
        EXPECT_NEAR(result.loss, expected.loss, 1e-4);
        EXPECT_NEAR(result.gradient_norm, expected.gradient_norm, 1e-3 * expected.gradient_norm);
      }
    }
    expect_same_state(plain, kernels, 1e-3);
    expect_same_state(far, kernels, 1e-3);
  }
}

// What one device has written another continues, and the other way round.
TEST_P(OnADevice, ARunIsContinuedOnTheOtherDevice) {
  const auto config = family_config(GetParam());
  const fs::path path = fs::temp_directory_path() / ("continuo_device_" + std::to_string(getpid()) + ".safetensors");
  for (const auto& [from, to] : {std::pair{kNear, kFar}, std::pair{kFar, kNear}}) {
    TrainedModel begun(config, 1, arithmetic_at(from, true)), continued(config, 2, arithmetic_at(to, true));
    for (std::int64_t step = 1; step <= 3; ++step) begun.step(random_batch(std::uint64_t(step)), 3, update_of(step));
    ASSERT_TRUE(write_resume_state(path, {}, {}, begun.state()).ok());
    ASSERT_TRUE(continued.restore(ResumeState::open(path).value()).ok());
    expect_same_state(continued, begun, 1e-7);
    for (std::int64_t step = 4; step <= 6; ++step) {
      const Batch batch = random_batch(std::uint64_t(step));
      EXPECT_NEAR(continued.step(batch, 3, update_of(step)).loss, begun.step(batch, 3, update_of(step)).loss, 1e-4);
    }
    expect_same_state(continued, begun, 1e-3);
  }
  fs::remove(path);
}

// The numbers of the batch's rows decide which units are dropped, not what is computed at once.
TEST_P(OnADevice, MicroBatchesDropTheSameUnits) {
  const auto config = family_config(GetParam());
  if (config.memory_length > 0) GTEST_SKIP() << "a model with a memory computes a whole batch at once";
  Batch batch = uneven_batch(7);
  batch.padding = batch.musical_places = torch::Tensor();
  TrainedModel whole(config, 1, {}), parts(config, 1, {.micro_batch = 3});
  const StepResult expected = whole.step(batch, 5, update_of(1)), result = parts.step(batch, 5, update_of(1));
  EXPECT_NEAR(result.loss, expected.loss, 1e-5);
  EXPECT_NEAR(result.gradient_norm, expected.gradient_norm, 1e-4 * expected.gradient_norm);
}

TEST(OnOneDevice, LowRankChangesAreLearntAlike) {
  const auto config = tiny_config("gpt2");
  const auto arithmetic = [](const Place& place) {
    return TrainedModel::Arithmetic{
        .fused = place.fused, .lora_rank = 3, .lora_words = true, .ema = 0.9, .device = place.device};
  };
  TrainedModel kernels(config, 1, arithmetic(kNear));
  TrainedModel far(config, 1, arithmetic(kFar));
  for (std::int64_t step = 1; step <= 5; ++step) {
    const Batch batch = random_batch(std::uint64_t(step));
    EXPECT_NEAR(kernels.step(batch, 3, update_of(step)).loss, far.step(batch, 3, update_of(step)).loss, 1e-4);
  }
  expect_same_state(far, kernels, 1e-3);
}

TEST(OnOneDevice, MeasuresTheSameWithWeightsAndWithTheirAverage) {
  const auto sequences = dataset::TokenSequences::in_memory(
      {std::vector<std::uint16_t>(11, 7), std::vector<std::uint16_t>(30, 9), std::vector<std::uint16_t>(4, 8)},
      {"a", "b", "c"});
  for (const char* model : {"gpt2", "bert", "transformer_xl"}) {
    const auto config = family_config(model);
    TrainedModel near(config, 1, arithmetic_at(kNear, true));
    TrainedModel far(config, 1, arithmetic_at(kFar, true));
    for (TrainedModel* each : {&near, &far}) each->step(random_batch(1), 3, update_of(1));
    const auto objective =
        config.masking == checkpoint::Masking::kCausal ? Objective::kNextToken : Objective::kMaskedValidation;
    const BatchSource source(sequences,
                             {.context_length = 16,
                              .batch_size = 2,
                              .order = dataset::WindowOrder::kInOrder,
                              .memory_length = config.memory_length},
                             objective);
    NoProgress quiet;
    const auto expect_same = [&] {
      const auto a = near.evaluate(source, 0, quiet), b = far.evaluate(source, 0, quiet);
      EXPECT_EQ(a->all.tokens, b->all.tokens);
      EXPECT_NEAR(a->all.mean(), b->all.mean(), 1e-4) << model;
    };
    expect_same();
    const MovedWeights::AverageInUse of_near(near.weights()), of_far(far.weights());
    expect_same();
    const auto near_weights = near.network().export_weights(), far_weights = far.network().export_weights();
    for (const auto& [name, tensor] : near_weights) EXPECT_EQ(tensor.shape, far_weights.at(name).shape) << name;
  }
}

class RunOnADevice : public TrainerTest {};

// Steps, validations, saved states and models: half of a run there, the other half on the CPU.
TEST_F(RunOnADevice, IsContinuedOnTheCpuAsIfItHadBeenThereAlways) {
  TrainOptions options = small_run("gpt2", "near");
  options.precision = "fp32";
  options.max_steps = 10;
  options.ema = 0.9;
  NoProgress quiet;
  const auto whole = train(options, quiet);
  ASSERT_TRUE(whole) << whole.error().to_line();

  options.output = root() / "far";
  fs::create_directories(options.output / "samples");
  auto setup = prepare(options, {});
  ASSERT_TRUE(setup) << setup.error().to_line();
  setup->runtime.device = kFarAway.str();
  StopAt half(5);
  TrainingRun begun(std::move(*setup), half, nullptr);
  ASSERT_TRUE(begun.go());

  TrainOptions again;
  again.output = options.output;
  again.resume = true;
  again.device = "cpu";
  const auto report = train(again, quiet);
  ASSERT_TRUE(report) << report.error().to_line();
  EXPECT_EQ(report->steps, 10);
  EXPECT_NEAR(report->best_validation_nll, whole->best_validation_nll, 1e-3);
  EXPECT_NEAR(report->final_loss, whole->final_loss, 1e-3);
}

// Tensors of "meta" have no numbers: whatever of a step would take them for host memory is an error.
TEST_P(OnADevice, Meta_AnOptimiserIsMadeThere) {
  const TrainedModel model(family_config(GetParam()), 1, arithmetic_at({true, torch::kMeta}, true));
  for (const neural::Parameter& parameter : model.network().parameters()) EXPECT_TRUE(parameter.value.is_meta());
}

}  // namespace
}  // namespace continuo::train
