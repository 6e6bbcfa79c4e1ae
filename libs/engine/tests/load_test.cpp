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
