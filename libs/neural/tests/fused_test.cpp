#include <gtest/gtest.h>
#include <torch/torch.h>

#include "continuo/checkpoint/presets.h"
#include "continuo/neural/network.h"
#include "continuo/neural/parallel.h"

#include "fused/attention.h"
#include "fused/cross_entropy.h"

namespace continuo::neural {
namespace {

using torch::Tensor;

double relative_error(const Tensor& actual, const Tensor& expected) {
  const Tensor difference = actual.to(torch::kFloat64) - expected.to(torch::kFloat64);
  return (difference.norm() / (expected.to(torch::kFloat64).norm() + 1e-12)).item<double>();
}

// The preset before the underline, with the part after it.
checkpoint::ModelConfig small_config(const std::string& name) {
  const std::string preset = checkpoint::family_of(name) ? name : name.substr(0, name.find('_'));
  checkpoint::ModelConfig config = *checkpoint::preset_config(preset, "tiny");
  if (name.find("_relative") != std::string::npos) config.positions = checkpoint::Positions::kRelative;
  if (name.find("_rotary") != std::string::npos) config.positions = checkpoint::Positions::kRotary;
  config.vocab_size = 77;
  config.d_model = 48;
  config.n_heads = config.n_kv_heads > 0 ? 4 : 3;
  config.d_ff = 100;
  config.context_length = 80;
  if (name.ends_with("_rms")) config.norm = checkpoint::NormKind::kRmsNorm;
  if (name.ends_with("_swiglu")) config.feed_forward = checkpoint::FeedForwardKind::kSwiGlu;
  if (name.ends_with("_relu2")) config.feed_forward = checkpoint::FeedForwardKind::kRelu2;
  if (name.ends_with("_multiquery")) config.n_kv_heads = 1;
  if (name.ends_with("_unbiased")) config.bias = false;
  if (name.ends_with("_places")) {
    config.places = 16;
    config.slots = 4;
  }
  if (name.ends_with("_qknorm")) config.qk_norm = true;
  if (name.ends_with("_window")) config.attention_window = 9;
  if (name.find("_memory") != std::string::npos) config.memory_length = 20;
  return config;
}

// One batch, with its loss and all gradients, on one path.
struct Outcome {
  double loss = 0;
  std::vector<Tensor> gradients;
};

Outcome run(const Network& network, Pass pass) {
  torch::manual_seed(3);
  if (network.config().has_musical_places())
    pass.places = at::stack({torch::randint(16, {3, 70}), torch::randint(4, {3, 70})}).to(torch::kInt64);
  const Tensor tokens = torch::randint(77, {3, 70}, torch::kInt64);
  const Tensor targets = torch::randint(77, {100}, torch::kInt64), places = torch::randperm(210).slice(0, 0, 100);
  Memory memory = network.empty_memory(3);
  if (!memory.layers.empty()) {
    const torch::NoGradGuard no_grad;
    pass.memory = &memory;
    pass.padding = torch::arange(90).unsqueeze(0) < torch::tensor({20, 12, 20}).unsqueeze(1);
    network.hidden(torch::randint(77, {3, 33}, torch::kInt64), {.fused = pass.fused, .memory = &memory});
    network.hidden(torch::randint(77, {3, 7}, torch::kInt64), {.fused = pass.fused, .memory = &memory});
  }
  const Tensor hidden = network.hidden(tokens, pass);
  const Tensor rows = hidden.reshape({-1, hidden.size(-1)}).index_select(0, places);
  const Tensor loss = network.nll_sum(rows, targets, pass) / 100;
  loss.backward();
  Outcome outcome{loss.item<double>(), {}};
  for (const Parameter& parameter : network.parameters()) {
    outcome.gradients.push_back(parameter.value.grad().defined() ? parameter.value.grad().clone() : Tensor());
    parameter.value.mutable_grad() = Tensor();
  }
  return outcome;
}

class FusedAgainstPlain : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, FusedAgainstPlain,
                         testing::Values("gpt", "gpt2", "bert", "lstm", "gru", "attention_rnn", "gru_window", "llama",
                                         "gpt2_relative", "bert_relative", "gpt2_rotary", "llama_relative", "gpt_rms",
                                         "gpt2_rms", "gpt_swiglu", "gpt2_relu2", "gpt2_multiquery", "gpt_unbiased",
                                         "gpt_qknorm", "llama_qknorm", "bert_qknorm", "gpt2_relative_qknorm",
                                         "bert_relative_qknorm", "gpt2_rotary_qknorm", "gpt2_places", "gpt_places",
                                         "lstm_places", "gpt2_memory", "gpt_memory", "llama_memory_qknorm",
                                         "gpt2_relative_memory", "gpt2_relative_memory_qknorm"),
                         [](const auto& test) { return std::string(test.param); });

void compare(const Network& network, Pass pass, double bound) {
  const Outcome fused = run(network, pass);
  pass.fused = false;
  pass.bf16 = false;
  const Outcome plain = run(network, pass);
  EXPECT_NEAR(fused.loss, plain.loss, bound * plain.loss);
  for (std::size_t i = 0; i < plain.gradients.size(); ++i) {
    ASSERT_EQ(fused.gradients[i].defined(), plain.gradients[i].defined());
    if (!plain.gradients[i].defined()) continue;
    EXPECT_LT(relative_error(fused.gradients[i], plain.gradients[i]), 10 * bound) << network.parameters()[i].name;
  }
}

TEST_P(FusedAgainstPlain, LossAndGradientsAgree) {
  const auto network = Network::create(small_config(GetParam()), 5);
  compare(*network, {}, 1e-5);
}

TEST_P(FusedAgainstPlain, DropoutDropsTheSameUnits) {
  const auto network = Network::create(small_config(GetParam()), 5);
  Pass pass;
  pass.dropout = 0.2;
  pass.seed = 11;
  compare(*network, pass, 1e-5);
}

TEST_P(FusedAgainstPlain, PaddingIsNotAttendedTo) {
  const auto network = Network::create(small_config(GetParam()), 5);
  Pass pass;
  pass.padding = torch::arange(70).unsqueeze(0) >= torch::tensor({70, 41, 9}).unsqueeze(1);
  compare(*network, pass, 1e-5);
}

TEST_P(FusedAgainstPlain, Bf16ComesNear) {
  const auto network = Network::create(small_config(GetParam()), 5);
  Pass pass;
  pass.bf16 = true;
  compare(*network, pass, 8e-3);
}

TEST_P(FusedAgainstPlain, AnyNumberOfThreads_SameBits) {
  const auto network = Network::create(small_config(GetParam()), 5);
  use_threads(1);
  const Outcome one = run(*network, {});
  for (const int threads : {2, 3, 4, 7}) {
    use_threads(threads);
    const Outcome other = run(*network, {});
    EXPECT_EQ(one.loss, other.loss) << threads;
    for (std::size_t i = 0; i < one.gradients.size(); ++i) {
      if (!one.gradients[i].defined()) continue;
      EXPECT_TRUE(torch::equal(one.gradients[i], other.gradients[i]))
          << network->parameters()[i].name << ", " << threads;
    }
  }
  use_threads(1);
}

TEST(FusedCrossEntropy, ManyRowsAndAnOddVocabulary_EqualLibtorch) {
  torch::manual_seed(1);
  const Tensor hidden = torch::randn({1100, 24}).requires_grad_(true);
  const Tensor weight = torch::randn({51, 24}).requires_grad_(true), bias = torch::randn({51}).requires_grad_(true);
  const Tensor targets = torch::randint(51, {1100}, torch::kInt64);
  const auto forget = [&] {
    for (const Tensor& tensor : {hidden, weight, bias}) tensor.mutable_grad() = Tensor();
  };
  for (const double smoothing : {0.0, 0.2}) {
    forget();
    const Tensor expected =
        at::cross_entropy_loss(at::linear(hidden, weight, bias), targets, {}, at::Reduction::Sum, -100, smoothing);
    (expected / 7).backward();
    const std::vector<Tensor> wanted = {hidden.grad().clone(), weight.grad().clone(), bias.grad().clone()};
    for (const bool bf16 : {false, true}) {
      forget();
      const Tensor sum = fused::cross_entropy_sum(hidden, {weight, bias}, targets, {bf16, smoothing});
      (sum / 7).backward();
      const double bound = bf16 ? 2e-2 : 1e-5;
      EXPECT_NEAR(sum.item<double>(), expected.item<double>(), bound * expected.item<double>());
      EXPECT_LT(relative_error(hidden.grad(), wanted[0]), bound) << smoothing;
      EXPECT_LT(relative_error(weight.grad(), wanted[1]), bound) << smoothing;
      EXPECT_LT(relative_error(bias.grad(), wanted[2]), bound) << smoothing;
    }
  }
}

}  // namespace
}  // namespace continuo::neural
