#include "continuo/neural/device.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "continuo/checkpoint/presets.h"
#include "continuo/neural/network.h"

#include "far_device.h"
#include "parts/attention.h"
#include "shared/dropout.h"

namespace continuo::neural {
namespace {

using torch::Tensor;

// Every family, and every part that only some of their presets have.
constexpr const char* kModels[] = {"lstm",  "gru",  "attention_rnn", "gpt",         "gpt2",        "music_transformer",
                                   "llama", "bert", "gpt2_qknorm",   "lstm_places", "gpt2_places", "transformer_xl"};

checkpoint::ModelConfig small_config(const std::string& name) {
  const std::string preset = checkpoint::family_of(name) ? name : name.substr(0, name.find('_'));
  auto config = checkpoint::preset_config(preset, "tiny").value();
  config.qk_norm = name.ends_with("_qknorm");
  if (name.ends_with("_places")) {
    config.places = 16;
    config.slots = 4;
  }
  config.vocab_size = 23;
  config.d_model = 32;
  config.d_ff = 64;
  config.n_layers = 2;
  config.n_heads = config.n_kv_heads > 0 ? 4 : 2;
  config.context_length = 40;
  if (config.memory_length > 0) config.memory_length = 12;
  return config;
}

// The gradients of one batch, and its loss as the last of them, on a device.
std::vector<Tensor> gradients(const std::string& name, torch::Device device, Pass pass) {
  const auto config = small_config(name);
  const auto network = Network::create(config, 5, device);
  const Tensor tokens = ((torch::arange(60).view({3, 20}) * 7 + 3).remainder(19) + 4).to(device);
  if (config.has_musical_places()) pass.places = at::stack({tokens.remainder(16), tokens.remainder(4)});
  Memory memory = network->empty_memory(3);
  if (!memory.layers.empty()) pass.memory = &memory;
  const std::int64_t remembered = memory.layers.empty() ? 0 : config.memory_length;
  pass.padding = (torch::arange(remembered + 20).unsqueeze(0).expand({3, -1}) < remembered).contiguous().to(device);
  const Tensor hidden = network->hidden(tokens, pass).reshape({60, -1});
  const Tensor loss = network->nll_sum(hidden.slice(0, 0, 50), tokens.view(-1).slice(0, 10), pass) / 50;
  loss.backward();
  std::vector<Tensor> all;
  for (const Parameter& parameter : network->parameters()) {
    EXPECT_EQ(parameter.value.device().type(), device.type()) << parameter.name;
    if (!parameter.value.grad().defined()) continue;
    EXPECT_EQ(parameter.value.grad().device().type(), device.type()) << parameter.name;
    EXPECT_EQ(parameter.value.grad().sizes(), parameter.value.sizes()) << parameter.name;
    all.push_back(parameter.value.grad());
  }
  for (const Tensor& layer : memory.layers) EXPECT_EQ(layer.device().type(), device.type());
  all.push_back(loss.detach());
  return all;
}

class OnADevice : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, OnADevice, testing::ValuesIn(kModels));

// Tensors of the device "meta" have shapes and no numbers, so a look at numbers, or a tensor of the CPU, is an error.
TEST_P(OnADevice, Meta_WholePassesLookAtNoNumbers) {
  for (const bool bf16 : {false, true}) {
    const Pass pass{.fused = false, .bf16 = bf16, .dropout = 0.2, .seed = 3, .label_smoothing = 0.1};
    const auto all = gradients(GetParam(), torch::kMeta, pass);
    EXPECT_EQ(all.back().dim(), 0);
    EXPECT_EQ(all.size(), gradients(GetParam(), torch::kCPU, pass).size());
  }
}

// On a device whose memory the processor cannot read, all comes out as on the CPU, dropout included.
TEST_P(OnADevice, Far_WholePassesGiveWhatTheCpuGives) {
  if (!kTrainsFarAway) GTEST_SKIP() << "this libtorch does not train on a device of tests";
  const Pass pass{.fused = false, .dropout = 0.2, .seed = 3, .label_smoothing = 0.1};
  const auto far = gradients(GetParam(), far_device(), pass), near = gradients(GetParam(), torch::kCPU, pass);
  ASSERT_EQ(far.size(), near.size());
  for (std::size_t i = 0; i < far.size(); ++i) {
    const Tensor error = (far[i].to(torch::kCPU) - near[i]).norm() / (near[i].norm() + 1e-12);
    EXPECT_LT(error.item<double>(), 1e-4) << i;
  }
}

TEST(Far, WeightsGoThereAndComeBack) {
  const auto config = small_config("gpt2");
  const auto near = Network::create(config, 5), far = Network::create(config, 7, far_device());
  ASSERT_TRUE(far->import_weights(near->export_weights()).ok());
  const auto sent = near->export_weights(), returned = far->export_weights();
  for (const auto& [name, tensor] : sent) EXPECT_TRUE(std::ranges::equal(tensor.data, returned.at(name).data)) << name;
}

TEST(Far, DropoutDropsTheSameUnitsAsTheKernels) {
  for (const double probability : {0.05, 0.5, 0.9}) {
    for (const std::uint64_t seed : {0ULL, 7ULL, 0xfedcba9876543210ULL}) {
      const Tensor x = torch::randn({7, 501});
      const Drop drop{probability, seed, 3};
      EXPECT_TRUE(torch::equal(dropped(x, drop), dropped(x.to(far_device()), drop).to(torch::kCPU)));
    }
  }
}

// What a GPU takes in the place of the definition, here on the CPU.
TEST(AttentionByLibtorch, EqualsItsDefinition) {
  torch::manual_seed(1);
  const Tensor qkv = torch::randn({2, 30, 4 * 8 + 2 * 2 * 8});
  const Tensor padding = (torch::arange(30).unsqueeze(0) >= torch::tensor({30, 17}).unsqueeze(1)).contiguous();
  for (const bool causal : {true, false}) {
    for (const int window : {0, 5, 64}) {
      for (const int memory : {0, 11}) {
        for (const bool padded : {false, true}) {
          if (!causal && (window > 0 || memory > 0)) continue;
          AttentionOptions options{.heads = 4, .causal = causal, .window = window, .memory = memory, .n_kv_heads = 2};
          options.rotary = true;
          if (padded) options.padding = padding;
          const Tensor difference = attention_by_libtorch(qkv, options) - plain_attention(qkv, options);
          // Of places whose keys are all left out nothing is defined.
          EXPECT_LT(difference.nan_to_num(0).abs().max().item<double>(), 1e-5)
              << causal << ' ' << window << ' ' << memory << ' ' << padded;
        }
      }
    }
  }
}

TEST(Device, NamesAreChecked) {
  for (const char* name : {"auto", "cpu", "cuda", "cuda:0", "cuda:7"}) EXPECT_TRUE(names_device(name)) << name;
  for (const char* name : {"", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:1x", "cuda:999", "cpu:0", "meta"}) {
    EXPECT_FALSE(names_device(name)) << name;
    EXPECT_FALSE(find_device(name).ok()) << name;
  }
}

TEST(Device, WhereThereIsNoGpu_AutoIsTheCpuAndCudaIsRefusedInOneLine) {
  EXPECT_EQ(find_device("cpu").value(), "cpu");
  if (torch::cuda::is_available()) GTEST_SKIP() << "there is a GPU";
  EXPECT_EQ(find_device("auto").value(), "cpu");
  const auto refused = find_device("cuda:1");
  ASSERT_FALSE(refused.ok());
  const std::string line = refused.error().to_line();
  EXPECT_NE(line.find("--device cuda:1: "), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
}

TEST(Device, CudaComputesWhatTheCpuComputes) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "there is no GPU";
  for (const char* name : kModels) {
    const Pass pass{.fused = false, .dropout = 0.2, .seed = 3, .label_smoothing = 0.1};
    const auto far = gradients(name, torch::kCUDA, pass), near = gradients(name, torch::kCPU, pass);
    for (std::size_t i = 0; i < far.size(); ++i) {
      const Tensor error = (far[i].to(torch::kCPU) - near[i]).norm() / (near[i].norm() + 1e-12);
      EXPECT_LT(error.item<double>(), 1e-3) << name << ", " << i;
    }
  }
}

}  // namespace
}  // namespace continuo::neural
