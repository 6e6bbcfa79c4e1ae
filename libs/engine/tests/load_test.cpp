#include <cstring>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

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

TEST(ModelLoad, Bf16Weights_AreWidenedExactly) {
  ThreadPool pool(1);
  for (const auto name : checkpoint::model_names()) {
    SyntheticModel synthetic(odd_config(name));
    const HalfWeights half(synthetic);
    const auto narrow = synthetic.load(half.views);
    ASSERT_TRUE(narrow.ok()) << narrow.error().to_line();
    const auto wide = synthetic.load();
    ASSERT_TRUE(wide.ok());
    const auto tokens = random_tokens(10, 53);
    std::vector<float> a(530);
    std::vector<float> b(530);
    (*narrow)->forward(tokens, a, pool);
    (*wide)->forward(tokens, b, pool);
    EXPECT_EQ(a, b) << name;
  }
}

TEST(ModelLoad, OtherPrecisions_AreUnsupported) {
  const SyntheticModel synthetic(odd_config("gpt2"));
  auto views = synthetic.views();
  auto& view = views["layers.1.mlp.fc1.bias"];
  const std::vector<std::uint8_t> halves(static_cast<std::size_t>(view.elements()) * 2);
  view.dtype = DType::kF16;
  view.data = halves;
  const auto model = synthetic.load(views);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::unsupported);
  EXPECT_NE(model.error().to_line().find("layers.1.mlp.fc1.bias"), std::string::npos);
}

TEST(ModelLoad, WeightsThatAreNoNumbers_AreRefused) {
  for (const auto name : checkpoint::model_names()) {
    for (const float poison : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      SyntheticModel synthetic(odd_config(name));
      synthetic.weights()["output.bias"][7] = poison;
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
