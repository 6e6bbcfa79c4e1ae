#include "continuo/neural/network.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"

namespace continuo::neural {
namespace {

// The preset before the underline, with the part after it.
checkpoint::ModelConfig small_config(const std::string& name) {
  const std::string preset = checkpoint::family_of(name) ? name : name.substr(0, name.find('_'));
  auto config = checkpoint::preset_config(preset, "tiny").value();
  config.qk_norm = name.ends_with("_qknorm");
  config.vocab_size = 23;
  config.d_model = 32;
  config.d_ff = 64;
  config.n_layers = 2;
  config.n_heads = 2;
  config.context_length = 160;
  return config;
}

torch::Tensor some_tokens(std::int64_t batch, std::int64_t time) {
  return (torch::arange(batch * time).view({batch, time}) * 7 + 3).remainder(19) + 4;
}

// The largest change of the logits at positions `begin`..`end` when the token at `changed` becomes another.
double effect(const Network& network, std::int64_t changed, std::int64_t begin, std::int64_t end) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor tokens = some_tokens(2, 150);
  torch::Tensor other = tokens.clone();
  other.select(1, changed) = 5 + (tokens.select(1, changed) - 4).remainder(17);
  EXPECT_FALSE(torch::equal(tokens, other));
  const torch::Tensor difference = (network.forward(tokens) - network.forward(other)).abs();
  return difference.slice(1, begin, end).max().item<double>();
}

class EveryModel : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Presets, EveryModel,
                         testing::Values("lstm", "gru", "attention_rnn", "gpt", "gpt2", "music_transformer", "llama",
                                         "transformer_xl", "bert", "gpt2_qknorm", "llama_qknorm"));
class CausalModel : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Presets, CausalModel,
                         testing::Values("lstm", "gru", "attention_rnn", "gpt", "gpt2", "music_transformer", "llama",
                                         "transformer_xl", "llama_qknorm"));

TEST_P(EveryModel, ParametersAreTheContracts) {
  const auto config = small_config(GetParam());
  const auto network = Network::create(config, 1);
  const auto specs = checkpoint::tensor_specs(config);
  ASSERT_EQ(network->parameters().size(), specs.size());
  std::int64_t count = 0;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    EXPECT_EQ(network->parameters()[i].name, specs[i].name);
    EXPECT_EQ(network->parameters()[i].value.sizes().vec(), specs[i].shape);
    count += network->parameters()[i].value.numel();
  }
  EXPECT_EQ(count, checkpoint::parameter_count(config));
}

TEST_P(EveryModel, LogitsHaveOneRowPerToken) {
  const auto network = Network::create(small_config(GetParam()), 1);
  EXPECT_EQ(network->forward(some_tokens(3, 17)).sizes().vec(), (std::vector<std::int64_t>{3, 17, 23}));
  EXPECT_EQ(network->forward(some_tokens(3, 17)).scalar_type(), torch::kFloat32);
}

TEST_P(EveryModel, SameSeedSameWeightsOtherSeedOthers) {
  const auto a = Network::create(small_config(GetParam()), 1), b = Network::create(small_config(GetParam()), 1);
  const auto c = Network::create(small_config(GetParam()), 2);
  EXPECT_TRUE(torch::equal(a->forward(some_tokens(1, 9)), b->forward(some_tokens(1, 9))));
  EXPECT_FALSE(torch::equal(a->forward(some_tokens(1, 9)), c->forward(some_tokens(1, 9))));
}

TEST_P(EveryModel, EveryParameterGetsAGradient) {
  const auto network = Network::create(small_config(GetParam()), 1);
  for (const bool bf16 : {false, true}) {
    for (const Parameter& parameter : network->parameters()) parameter.value.mutable_grad() = torch::Tensor();
    Pass pass;
    pass.bf16 = bf16;
    const torch::Tensor tokens = some_tokens(2, 20);
    at::cross_entropy_loss(network->forward(tokens, pass).view({-1, 23}), tokens.view(-1)).backward();
    for (const Parameter& parameter : network->parameters()) {
      ASSERT_TRUE(parameter.value.grad().defined()) << parameter.name;
      EXPECT_GT(parameter.value.grad().abs().max().item<double>(), 0) << parameter.name;
      EXPECT_TRUE(parameter.value.grad().isfinite().all().item<bool>()) << parameter.name;
    }
  }
}

// Along one random direction the loss changes as the gradient says.
TEST_P(EveryModel, GradientAgreesWithFiniteDifferences) {
  const auto network = Network::create(small_config(GetParam()), 3);
  const torch::Tensor tokens = some_tokens(2, 140);
  const auto loss = [&] { return at::cross_entropy_loss(network->forward(tokens).view({-1, 23}), tokens.view(-1)); };
  loss().backward();
  torch::manual_seed(1);
  double slope = 0;
  std::vector<torch::Tensor> directions;
  for (const Parameter& parameter : network->parameters()) {
    directions.push_back(torch::randn_like(parameter.value.detach()));
    slope += (directions.back() * parameter.value.grad()).sum().item<double>();
  }
  constexpr double kStep = 2e-4;
  const auto moved_loss = [&](double step) {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < directions.size(); ++i) network->parameters()[i].value.add_(directions[i], step);
    const double value = loss().item<double>();
    for (std::size_t i = 0; i < directions.size(); ++i) network->parameters()[i].value.sub_(directions[i], step);
    return value;
  };
  const double measured = (moved_loss(kStep) - moved_loss(-kStep)) / (2 * kStep);
  EXPECT_NEAR(measured, slope, 0.02 * std::abs(slope) + 2e-3);
}

TEST_P(CausalModel, NoTokenSeesWhatComesAfterIt) {
  const auto network = Network::create(small_config(GetParam()), 1);
  for (const std::int64_t changed : {1, 70, 128, 149})
    EXPECT_LT(effect(*network, changed, 0, changed), 1e-6) << changed;
  EXPECT_GT(effect(*network, 70, 71, 72), 1e-5);
}

// The change of the last token's logits when the first two tokens change places.
double effect_of_order(const Network& network, const Pass& pass) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor tokens = some_tokens(2, 12);
  torch::Tensor other = tokens.clone();
  other.select(1, 0) = tokens.select(1, 1);
  other.select(1, 1) = tokens.select(1, 0);
  const torch::Tensor difference = network.forward(tokens, pass) - network.forward(other, pass);
  return difference.select(1, 11).abs().max().item<double>();
}

// One layer of attention sees a set of tokens: their order comes from positions, of one kind alone.
TEST(Positions, OrderIsSeenByTheirOwnWeightsAlone) {
  using checkpoint::Positions;
  const torch::NoGradGuard no_grad;
  for (const auto& [positions, weights] : {std::pair{Positions::kLearned, "position_embedding.weight"},
                                           std::pair{Positions::kRelative, "layers.0.attention.distance.weight"},
                                           std::pair{Positions::kRotary, "of no tensor"}}) {
    auto config = small_config("gpt2");
    config.n_layers = 1;
    config.positions = positions;
    const auto network = Network::create(config, 1);
    for (const Parameter& parameter : network->parameters()) {
      // Initial weights make scores so small that attention hardly chooses.
      if (parameter.value.dim() == 2) parameter.value.mul_(8);
    }
    for (const bool fused : {true, false}) EXPECT_GT(effect_of_order(*network, {.fused = fused}), 1e-2) << weights;
    for (const Parameter& parameter : network->parameters()) {
      if (parameter.name == weights) parameter.value.zero_();
    }
    for (const bool fused : {true, false}) {
      const double effect = effect_of_order(*network, {.fused = fused});
      EXPECT_EQ(effect > 1e-2, positions == Positions::kRotary) << weights << ": " << effect;
      EXPECT_TRUE(effect > 1e-2 || effect < 1e-4) << weights << ": " << effect;
    }
  }
}

TEST(Bert, EveryTokenSeesTheWholeWindow) {
  const auto network = Network::create(small_config("bert"), 1);
  EXPECT_GT(effect(*network, 140, 0, 1), 1e-6);
  EXPECT_GT(effect(*network, 0, 149, 150), 1e-6);
}

TEST(Bert, PaddingIsNotSeen) {
  const auto network = Network::create(small_config("bert"), 1);
  const torch::NoGradGuard no_grad;
  const torch::Tensor tokens = some_tokens(1, 20);
  const torch::Tensor padded = torch::cat({tokens, torch::full({1, 12}, 9, torch::kInt64)}, 1);
  Pass pass;
  pass.padding = torch::arange(32).unsqueeze(0) >= 20;
  const torch::Tensor difference = network->forward(tokens) - network->forward(padded, pass).slice(1, 0, 20);
  EXPECT_LT(difference.abs().max().item<double>(), 1e-5);
  EXPECT_GT((network->forward(tokens) - network->forward(padded).slice(1, 0, 20)).abs().max().item<double>(), 1e-5);
}

TEST_P(EveryModel, Bf16IsCloseToFp32) {
  const auto network = Network::create(small_config(GetParam()), 1);
  const torch::NoGradGuard no_grad;
  Pass pass;
  pass.bf16 = true;
  const torch::Tensor exact = network->forward(some_tokens(2, 130)),
                      rough = network->forward(some_tokens(2, 130), pass);
  EXPECT_LT((exact - rough).abs().max().item<double>(), 0.03 * exact.abs().max().item<double>());
}

TEST_P(EveryModel, DropoutIsAFunctionOfItsSeed) {
  const auto network = Network::create(small_config(GetParam()), 1);
  Pass pass;
  pass.dropout = 0.3;
  pass.seed = 7;
  const torch::Tensor first = network->forward(some_tokens(2, 30), pass);
  EXPECT_TRUE(torch::equal(first, network->forward(some_tokens(2, 30), pass)));
  pass.seed = 8;
  EXPECT_FALSE(torch::equal(first, network->forward(some_tokens(2, 30), pass)));
}

TEST(QkNorm, InitialScalesAreOne) {
  const auto network = Network::create(small_config("llama_qknorm"), 1);
  int scales = 0;
  for (const Parameter& parameter : network->parameters()) {
    if (!parameter.name.ends_with("query_norm.weight") && !parameter.name.ends_with("key_norm.weight")) continue;
    EXPECT_TRUE(torch::equal(parameter.value.detach(), torch::ones({16}))) << parameter.name;
    ++scales;
  }
  EXPECT_EQ(scales, 4);
}

// With the norm the size of queries and keys does not matter to the scores, and without it does.
TEST(QkNorm, ScoresDoNotDependOnTheSizeOfQueriesAndKeys) {
  for (const std::string name : {"gpt2", "gpt2_qknorm"}) {
    const auto network = Network::create(small_config(name), 1);
    const torch::NoGradGuard no_grad;
    const torch::Tensor before = network->forward(some_tokens(2, 30));
    for (const Parameter& parameter : network->parameters()) {
      if (parameter.name.ends_with("qkv.weight")) parameter.value.slice(0, 0, 64).mul_(50);
    }
    const double change = (network->forward(some_tokens(2, 30)) - before).abs().max().item<double>();
    if (name == "gpt2") {
      EXPECT_GT(change, 1e-3);
    } else {
      EXPECT_LT(change, 1e-3);
    }
  }
}

TEST(Lstm, UntiedOutputHasItsOwnMatrix) {
  auto config = small_config("lstm");
  config.tied_output = false;
  const auto network = Network::create(config, 1);
  EXPECT_EQ(network->parameters().size(), checkpoint::tensor_specs(config).size());
  EXPECT_TRUE(network->forward(some_tokens(1, 8)).isfinite().all().item<bool>());
}

TEST(Lstm, InitialForgetBiasIsOne) {
  const auto network = Network::create(small_config("lstm"), 1);
  for (const Parameter& parameter : network->parameters()) {
    if (!parameter.name.ends_with("lstm.bias")) continue;
    EXPECT_EQ(parameter.value.slice(0, 32, 64).min().item<double>(), 1);
    EXPECT_EQ(parameter.value.slice(0, 0, 32).abs().max().item<double>(), 0);
  }
}

// A token sees the same whether what is before it is in its window or in the memory.
TEST(Memory, WindowsOfAPieceGiveWhatOnePassGives) {
  const torch::NoGradGuard no_grad;
  for (const auto positions : {checkpoint::Positions::kRelative, checkpoint::Positions::kRotary}) {
    for (const std::string name : {"gpt", "gpt2", "llama_qknorm"}) {
      for (const int length : {5, 17, 64}) {
        auto config = small_config(name);
        config.positions = positions;
        config.memory_length = length;
        const auto network = Network::create(config, 1);
        const torch::Tensor tokens = some_tokens(2, 150);
        for (const bool fused : {false, true}) {
          const torch::Tensor whole = network->forward(tokens, {.fused = fused});
          Memory memory = network->empty_memory(2);
          for (std::int64_t begin = 0; begin < 150; begin += 30) {
            Pass pass{.fused = fused, .memory = &memory};
            pass.padding = torch::arange(length + 30).unsqueeze(0).expand({2, length + 30}) < length - begin;
            pass.padding = pass.padding.contiguous();
            const torch::Tensor window = network->forward(tokens.slice(1, begin, begin + 30), pass);
            const torch::Tensor difference = (window - whole.slice(1, begin, begin + 30)).abs();
            EXPECT_LT(difference.max().item<double>(), 1e-4) << name << ", " << length << ", from " << begin;
          }
        }
      }
    }
  }
}

TEST(Memory, ReachesBackBeyondTheWindowAndNoFurther) {
  auto config = small_config("transformer_xl");
  config.memory_length = 20;
  config.n_layers = 1;
  const auto network = Network::create(config, 1);
  EXPECT_GT(effect(*network, 50, 70, 71), 0);
  EXPECT_EQ(effect(*network, 50, 71, 150), 0);
}

}  // namespace
}  // namespace continuo::neural
