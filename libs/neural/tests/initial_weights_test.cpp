#include "init/initial_weights.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"

namespace continuo::neural {
namespace {

checkpoint::ModelConfig config_of(const std::string& preset) {
  auto config = checkpoint::preset_config(preset, "tiny").value();
  config.vocab_size = 150;
  config.d_model = 64;
  config.d_ff = 128;
  config.n_layers = 3;
  config.n_heads = 4;
  config.context_length = 90;
  return config;
}

std::vector<float> initial(const checkpoint::ModelConfig& config, const checkpoint::TensorSpec& spec) {
  std::int64_t count = 1;
  for (const std::int64_t extent : spec.shape) count *= extent;
  std::vector<float> values(static_cast<std::size_t>(count), -7.0F);
  fill_initial(config, spec, 5, 9, values);
  return values;
}

struct Moments {
  double mean = 0, deviation = 0, within_one = 0;  // the share that is within one deviation of the mean
};

Moments moments_of(const std::vector<float>& values) {
  Moments m;
  const auto count = static_cast<double>(values.size());
  for (const float value : values) m.mean += value / count;
  for (const float value : values) m.deviation += (value - m.mean) * (value - m.mean) / count;
  m.deviation = std::sqrt(m.deviation);
  for (const float value : values) m.within_one += (std::abs(value - m.mean) <= m.deviation ? 1 : 0) / count;
  return m;
}

enum class Shape { kNormal, kUniform };

// How the tensors are drawn whose name ends so: the first line that fits counts.
struct Draw {
  std::string preset, name;
  double deviation;
  Shape shape = Shape::kNormal;
};

// d_model 64, d_ff 128, 3 layers.
std::vector<Draw> draws() {
  const double residual = 0.02 / std::sqrt(6.0);
  std::vector<Draw> all;
  for (const char* causal : {"gpt", "gpt2", "llama"}) {
    all.push_back({causal, "attention.proj.weight", residual});
    all.push_back({causal, "mlp.fc2.weight", residual});
    all.push_back({causal, "weight", 0.02});
  }
  all.insert(all.end(), {{"bert", "token_embedding.weight", 0.02},
                         {"bert", "attention.proj.weight", 1 / std::sqrt(64 * 6.0)},
                         {"bert", "mlp.fc2.weight", 1 / std::sqrt(128 * 6.0)},
                         {"bert", "mlp.fc1.weight", 1 / std::sqrt(64.0)},
                         {"bert", "attention.qkv.weight", 1 / std::sqrt(64.0)}});
  for (const char* recurrent : {"lstm", "gru", "attention_rnn"}) {
    all.push_back({recurrent, "token_embedding.weight", 0.25});
    all.push_back({recurrent, "input.weight", 1 / std::sqrt(64.0), Shape::kUniform});
    all.push_back({recurrent, "recurrent.weight", 1 / std::sqrt(3 * 64.0), Shape::kUniform});
  }
  for (const char* matrix : {"attention.qkv.weight", "attention.proj.weight"}) {
    all.push_back({"attention_rnn", matrix, 1 / std::sqrt(3 * 64.0), Shape::kUniform});
  }
  return all;
}

std::optional<Draw> draw_of(const std::string& preset, const std::string& name) {
  for (const Draw& draw : draws()) {
    if (draw.preset == preset && name.ends_with(draw.name)) return draw;
  }
  return std::nullopt;
}

bool is_drawn(const checkpoint::TensorSpec& spec, const std::string& preset) {
  return spec.shape.size() == 2 && !(preset == "bert" && spec.name == "position_embedding.weight");
}

TEST(InitialWeights, MatricesAreDrawnAsTheirPlaceSays) {
  for (const std::string preset : {"gpt", "gpt2", "llama", "bert", "lstm", "gru", "attention_rnn"}) {
    const auto config = config_of(preset);
    for (const auto& spec : checkpoint::tensor_specs(config)) {
      if (!is_drawn(spec, preset)) continue;
      SCOPED_TRACE(preset + " " + spec.name);
      const auto draw = draw_of(preset, spec.name);
      ASSERT_TRUE(draw.has_value());
      const auto values = initial(config, spec);
      const Moments m = moments_of(values);
      EXPECT_NEAR(m.mean, 0, 5 * draw->deviation / std::sqrt(static_cast<double>(values.size())));
      EXPECT_NEAR(m.deviation, draw->deviation, 0.05 * draw->deviation);
      EXPECT_NEAR(m.within_one, draw->shape == Shape::kNormal ? 0.683 : 0.577, 0.03);
    }
  }
}

TEST(InitialWeights, VectorsAreOnesAndZeros) {
  for (const std::string preset : {"gpt", "gpt2", "llama", "bert", "lstm", "gru", "attention_rnn"}) {
    const auto config = config_of(preset);
    for (const auto& spec : checkpoint::tensor_specs(config)) {
      if (spec.shape.size() != 1) continue;
      std::vector<float> expected(static_cast<std::size_t>(spec.shape[0]));
      if (spec.name.ends_with("norm.weight")) std::fill(expected.begin(), expected.end(), 1.0F);
      // The forget gate is the second of four.
      if (spec.name.ends_with("lstm.bias")) std::fill_n(expected.begin() + 64, 64, 1.0F);
      EXPECT_EQ(initial(config, spec), expected) << preset << " " << spec.name;
    }
  }
}

TEST(InitialWeights, EmbeddingOfAnUntiedRecurrentModelHasADeviationOfOne) {
  auto config = config_of("lstm");
  config.tied_output = false;
  const auto specs = checkpoint::tensor_specs(config);
  const auto embedding =
      std::find_if(specs.begin(), specs.end(), [](const auto& spec) { return spec.name == "token_embedding.weight"; });
  ASSERT_NE(embedding, specs.end());
  EXPECT_NEAR(moments_of(initial(config, *embedding)).deviation, 1, 0.05);
}

// Of a bidirectional model each head of keys begins as the first head of queries that shares it.
TEST(InitialWeights, KeysOfABidirectionalModelBeginAsQueries) {
  for (const int kv_heads : {4, 2, 1}) {
    auto config = config_of("bert");
    config.n_kv_heads = kv_heads;
    const std::int64_t rows = 64 + 2 * 16 * kv_heads;
    const auto qkv = initial(config, {"layers.0.attention.qkv.weight", {rows, 64}});
    const std::ptrdiff_t head = 16 * 64;
    for (int i = 0; i < kv_heads; ++i) {
      const auto queries = qkv.begin() + i * (4 / kv_heads) * head, keys = qkv.begin() + (4 + i) * head;
      EXPECT_TRUE(std::equal(keys, keys + head, queries)) << i << " of " << kv_heads;
      const auto values = keys + kv_heads * head;
      EXPECT_FALSE(std::equal(values, values + head, queries)) << i << " of " << kv_heads;
    }
  }
}

// Twice as loud as words, and the more alike the nearer they are.
TEST(InitialWeights, PositionsOfABidirectionalModelAreSinusoids) {
  const auto positions = initial(config_of("bert"), {"position_embedding.weight", {90, 64}});
  const auto product = [&](std::size_t a, std::size_t b) {
    double sum = 0;
    for (std::size_t i = 0; i < 64; ++i) sum += double(positions[a * 64 + i]) * positions[b * 64 + i];
    return sum;
  };
  const double loudness = 2 * 0.02 * std::sqrt(64.0);
  for (std::size_t at = 0; at < 90; ++at) EXPECT_NEAR(std::sqrt(product(at, at)), loudness, 1e-5);
  for (std::size_t distance = 1; distance < 4; ++distance) {
    EXPECT_LT(product(20, 20 + distance), product(20, 20 + distance - 1));
    EXPECT_NEAR(product(3, 3 + distance), product(70, 70 + distance), 1e-6);
  }
  const double slowest = std::pow(10000.0, -62.0 / 64);
  EXPECT_NEAR(positions[89 * 64 + 62], loudness / std::sqrt(32.0) * std::sin(89 * slowest), 1e-6);
  EXPECT_NEAR(positions[89 * 64 + 63], loudness / std::sqrt(32.0) * std::cos(89 * slowest), 1e-6);
}

TEST(Noise, IsAddedToEachValueAndAFunctionOfItsSeed) {
  const std::vector<float> ones(4001, 1.0F);
  auto a = ones, b = ones, c = ones;
  add_noise(0.5, 3, a);
  add_noise(0.5, 3, b);
  add_noise(0.5, 4, c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_EQ(std::count(a.begin(), a.end(), 1.0F), 0);
  EXPECT_NEAR(moments_of(a).mean, 1, 0.05);
  EXPECT_NEAR(moments_of(a).deviation, 0.5, 0.03);
}

}  // namespace
}  // namespace continuo::neural
