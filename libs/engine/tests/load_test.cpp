#include <cstring>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "continuo/kernels/isa.h"
#include "continuo/kernels/number_types.h"

#include "synthetic_model.h"

namespace continuo::engine {
namespace {

using checkpoint::Checkpoint;
using checkpoint::DType;

// Every weight rounded to what BF16 holds, and its upper halves.
struct HalfWeights {
  explicit HalfWeights(SyntheticModel& model) : views(model.views()) {
    for (auto& [name, values] : model.weights()) {
      auto& block = blocks[name];
      for (float& value : values) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        bits &= 0xffff0000U;
        std::memcpy(&value, &bits, sizeof bits);
        block.push_back(static_cast<std::uint16_t>(bits >> 16));
      }
      views[name].dtype = DType::kBF16;
      views[name].data = {reinterpret_cast<const std::uint8_t*>(block.data()), 2 * block.size()};
    }
  }
  std::map<std::string, std::vector<std::uint16_t>> blocks;
  std::map<std::string, checkpoint::TensorView> views;
};

std::vector<float> logits_of(const Model& model) {
  ThreadPool pool(1);
  std::vector<float> logits(530);
  model.forward(random_tokens(10, 53), logits, pool);
  return logits;
}

// The weights are; the CPU's own bf16 instruction rounds what they are multiplied by.
TEST(ModelLoad, Bf16Weights_AreTakenExactly) {
  const kernels::Isa before = kernels::active_isa();
  for (const auto isa : kernels::available_isas()) {
    ASSERT_TRUE(kernels::use_isa(isa));
    const bool rounds = isa == kernels::Isa::kAvx512Bf16 || isa == kernels::Isa::kAmx;
    for (const auto name : checkpoint::model_names()) {
      SyntheticModel synthetic(odd_config(name));
      const HalfWeights half(synthetic);
      const auto narrow = synthetic.load(half.views, {.cache = Precision::kFp32});
      ASSERT_TRUE(narrow.ok()) << narrow.error().to_line();
      EXPECT_EQ((*narrow)->precision(), Precision::kBf16);
      const auto converted = synthetic.load(LoadOptions{.weights = Precision::kBf16, .cache = Precision::kFp32});
      const auto wide = synthetic.load();
      ASSERT_TRUE(converted.ok() && wide.ok());
      const auto logits = logits_of(**narrow), expected = logits_of(**wide);
      EXPECT_EQ(logits, logits_of(**converted)) << name << ", " << to_string(isa);
      if (!rounds) {
        EXPECT_EQ(logits, expected) << name << ", " << to_string(isa);
        continue;
      }
      const float tolerance = 0.02F * kernels::largest_magnitude(expected);
      for (std::size_t i = 0; i < logits.size(); ++i) ASSERT_NEAR(logits[i], expected[i], tolerance) << name;
    }
  }
  kernels::use_isa(before);
}

TEST(ModelLoad, OtherNumberTypes_AreUnsupported) {
  const SyntheticModel synthetic(odd_config("gpt2"));
  auto views = synthetic.views();
  auto& view = views["layers.1.mlp.fc1.bias"];
  const std::vector<std::uint8_t> wide(static_cast<std::size_t>(view.elements()) * 8);
  view.dtype = DType::kF64;
  view.data = wide;
  const auto model = synthetic.load(views);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::unsupported);
  EXPECT_NE(model.error().to_line().find("layers.1.mlp.fc1.bias"), std::string::npos);
}

TEST(ModelLoad, Int8Weights_AreTakenWithTheScalesOfTheirRows) {
  SyntheticModel synthetic(odd_config("gpt2"));
  auto views = synthetic.views();
  const std::string name = "layers.1.mlp.fc1.weight", scales_name = checkpoint::scale_name(name);
  std::vector<float>& weights = synthetic.weights()[name];
  std::vector<float> scales;
  std::vector<std::int8_t> numbers;
  const auto width = static_cast<std::size_t>(synthetic.config().d_model);
  for (std::size_t row = 0; row < 71; ++row) {
    scales.push_back(0.001F + 0.0001F * static_cast<float>(row));
    for (std::size_t i = 0; i < width; ++i) {
      numbers.push_back(static_cast<std::int8_t>(static_cast<int>((row * 31 + i * 17) % 255) - 127));
      weights[row * width + i] = static_cast<float>(numbers.back()) * scales.back();
    }
  }
  const auto wide = synthetic.load();
  views[name].dtype = DType::kI8;
  views[name].data = {reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size()};
  const auto refused = synthetic.load(views);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().to_line().find(scales_name), std::string::npos) << refused.error().to_line();
  views[scales_name] = {
      DType::kF32, {71}, {reinterpret_cast<const std::uint8_t*>(scales.data()), scales.size() * sizeof(float)}};
  const auto narrow = synthetic.load(views, {.weights = Precision::kFp32});
  ASSERT_TRUE(narrow.ok()) << narrow.error().to_line();
  EXPECT_EQ(synthetic.load(views).value()->precision(), Precision::kFp32) << "the output matrix is F32";
  ThreadPool pool(1);
  const auto tokens = random_tokens(10, 53);
  std::vector<float> a(530), b(530);
  (*narrow)->forward(tokens, a, pool);
  (*wide)->forward(tokens, b, pool);
  EXPECT_EQ(a, b);
}

TEST(ModelLoad, WeightsThatDoNotFitFp16_AreRefused) {
  SyntheticModel synthetic(odd_config("lstm"));
  synthetic.weights()["layers.1.lstm.input.weight"][3] = 7e4F;
  EXPECT_TRUE(synthetic.load().ok());
  const auto model = synthetic.load({.weights = Precision::kFp16});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::malformed);
  EXPECT_EQ(synthetic.load({.cache = Precision::kFp16}).error().code, ErrorCode::unsupported);
}

TEST(ModelLoad, WeightsThatAreNoNumbers_AreRefused) {
  for (const auto name : checkpoint::model_names()) {
    for (const float poison : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      SyntheticModel synthetic(odd_config(name));
      synthetic.weights()["token_embedding.weight"][7] = poison;
      const auto model = synthetic.load();
      ASSERT_FALSE(model.ok()) << name;
      EXPECT_EQ(model.error().code, ErrorCode::malformed);
    }
  }
}

// Matrices whose numbers are taken as the file has them are checked there.
TEST(ModelLoad, StoredHalfWeights_MustBeFinite) {
  struct Case {
    DType type;
    Precision precision;
    std::uint16_t bits;
    bool finite;
  };
  constexpr Case kCases[] = {
      {DType::kF16, Precision::kFp16, 0x7bff, true},   {DType::kF16, Precision::kFp16, 0xfbff, true},
      {DType::kF16, Precision::kFp16, 0x7c00, false},  {DType::kF16, Precision::kFp16, 0xfe00, false},
      {DType::kBF16, Precision::kBf16, 0x7f7f, true},  {DType::kBF16, Precision::kBf16, 0xff7f, true},
      {DType::kBF16, Precision::kBf16, 0x7f80, false}, {DType::kBF16, Precision::kBf16, 0xffc0, false}};
  const SyntheticModel synthetic(odd_config("gpt2"));
  for (const Case& c : kCases) {
    auto views = synthetic.views();
    auto& view = views["layers.1.mlp.fc1.weight"];
    std::vector<std::uint16_t> numbers(static_cast<std::size_t>(view.elements()));
    numbers[numbers.size() - 3] = c.bits;
    view.dtype = c.type;
    view.data = {reinterpret_cast<const std::uint8_t*>(numbers.data()), 2 * numbers.size()};
    const auto model = synthetic.load(views, {.weights = c.precision});
    EXPECT_EQ(model.ok(), c.finite) << std::hex << c.bits;
    if (!model.ok()) {
      EXPECT_EQ(model.error().code, ErrorCode::malformed);
    }
  }
}

// The products of int8 rely on numbers whose negative is one as well.
TEST(ModelLoad, StoredInt8Weights_AreNotBelowMinus127) {
  const SyntheticModel synthetic(odd_config("gpt2"));
  const std::string name = "layers.1.mlp.fc1.weight";
  const std::vector<float> scales(71, 0.01F);
  for (const int lowest : {-127, -128}) {
    auto views = synthetic.views();
    std::vector<std::int8_t> numbers(static_cast<std::size_t>(views[name].elements()));
    numbers.back() = static_cast<std::int8_t>(lowest);
    views[name].dtype = DType::kI8;
    views[name].data = {reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size()};
    views[checkpoint::scale_name(name)] = {
        DType::kF32, {71}, {reinterpret_cast<const std::uint8_t*>(scales.data()), scales.size() * sizeof(float)}};
    const auto model = synthetic.load(views, {.weights = Precision::kInt8});
    EXPECT_EQ(model.ok(), lowest == -127) << lowest;
    if (!model.ok()) {
      EXPECT_EQ(model.error().code, ErrorCode::malformed);
    }
  }
}

TEST(ModelBytesPerStep, GrowByTheKeysAndValuesOfEachPosition) {
  struct Case {
    Precision cache;
    std::size_t bytes;  // of a number
    std::size_t scale;  // bytes of the scale of a vector
  };
  constexpr Case kCases[] = {{Precision::kFp32, 4, 0}, {Precision::kBf16, 2, 0}, {Precision::kInt8, 1, 4}};
  for (const auto name : {"gpt", "gpt2", "llama"}) {
    for (const Case& c : kCases) {
      const auto config = odd_config(name);
      const auto model = SyntheticModel(config).load({.cache = c.cache}).value();
      const auto head_width = static_cast<std::size_t>(config.d_model / config.n_heads);
      const auto vectors = static_cast<std::size_t>(2 * config.n_layers * config.kv_heads());
      const std::size_t weights = model->bytes_per_step(0), each = vectors * (head_width * c.bytes + c.scale);
      for (const std::size_t positions : {1U, 2U, 70U}) {
        EXPECT_EQ(model->bytes_per_step(positions), weights + positions * each) << name << " " << to_string(c.cache);
      }
    }
  }
  const auto remembering = SyntheticModel(odd_config("transformer_xl")).load().value();
  EXPECT_LT(remembering->bytes_per_step(20), remembering->bytes_per_step(21)) << "the memory and the token itself";
  EXPECT_EQ(remembering->bytes_per_step(21), remembering->bytes_per_step(1000));
  for (const auto name : {"lstm", "gru"}) {
    const auto model = SyntheticModel(odd_config(name)).load().value();
    EXPECT_EQ(model->bytes_per_step(0), model->bytes_per_step(70)) << "a recurrent state does not grow";
  }
  const auto config = odd_config("attention_rnn");
  const auto model = SyntheticModel(config).load().value();
  const std::size_t weights = model->bytes_per_step(0);
  const auto each = 2 * static_cast<std::size_t>(config.d_model) * sizeof(float);
  const auto window = static_cast<std::size_t>(config.attention_window);
  EXPECT_EQ(model->bytes_per_step(5), weights + 5 * each);
  EXPECT_EQ(model->bytes_per_step(window), weights + window * each);
  EXPECT_EQ(model->bytes_per_step(70), weights + window * each) << "nor does its window";
}

// Matrices are padded to whole panels, so that they have a little more than the file's.
TEST(ModelBytesPerStep, AreThoseOfAllMatrices) {
  for (const auto name : checkpoint::model_names()) {
    auto config = wide_config(name);
    config.positions = checkpoint::Positions::kLearned;
    config.memory_length = 0;
    const SyntheticModel synthetic(config);
    std::size_t numbers = 0;
    for (const auto& spec : checkpoint::tensor_specs(config)) {
      const bool multiplied = spec.name == "token_embedding.weight" && config.tied_output;
      const bool looked_up = spec.name.ends_with("_embedding.weight") && !multiplied;
      if (spec.shape.size() == 2 && !looked_up) numbers += synthetic.at(spec.name).size();
    }
    for (const auto& [precision, bytes] :
         {std::pair{Precision::kFp32, 4.0}, std::pair{Precision::kBf16, 2.0}, std::pair{Precision::kInt8, 1.0}}) {
      const auto model = synthetic.load({.weights = precision}).value();
      const double ratio = static_cast<double>(model->bytes_per_step(0)) / (static_cast<double>(numbers) * bytes);
      EXPECT_GE(ratio, 1.0) << name << " in " << to_string(precision);
      EXPECT_LT(ratio, 1.4) << name << " in " << to_string(precision);
    }
  }
}

TEST(ModelLoad, CheckpointWithAContradictingConfig_IsRefused) {
  const SyntheticModel synthetic(odd_config("gpt2"));
  ASSERT_TRUE(synthetic.load().ok());
  auto opened = Checkpoint::open(synthetic.path());
  ASSERT_TRUE(opened.ok());
  opened->model.n_layers += 1;
  EXPECT_EQ(Model::load(*opened).error().code, ErrorCode::not_found);
  opened->model.n_heads = 7;
  EXPECT_EQ(Model::load(*opened).error().code, ErrorCode::malformed);
}

TEST(ModelLoad, DamagedFiles_NeverGetPastOpenOrRunWild) {
  const SyntheticModel synthetic(odd_config("lstm"));
  ASSERT_TRUE(synthetic.load().ok());
  const auto whole = read_file(synthetic.path()).value();
  const auto tokens = random_tokens(3, 53);
  ThreadPool pool(1);
  int opened_count = 0;
  Rng rng(5);
  for (int round = 0; round < 60; ++round) {
    auto bytes = whole;
    // Half of the blows hit the header, half the weights.
    const std::size_t reach = round % 2 == 0 ? 2000 : bytes.size();
    bytes[rng.below(reach)] ^= static_cast<std::uint8_t>(1 + rng.below(255));
    std::ofstream(synthetic.path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    const auto opened = Checkpoint::open(synthetic.path());
    if (!opened.ok()) continue;
    const auto model = Model::load(*opened);
    if (!model.ok()) continue;
    ++opened_count;
    std::vector<float> logits(3 * 53);
    (*model)->forward(tokens, logits, pool);
  }
  EXPECT_GT(opened_count, 10);
}

}  // namespace
}  // namespace continuo::engine
