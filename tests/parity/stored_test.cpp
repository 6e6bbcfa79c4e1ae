#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/thread_pool.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/engine/model.h"
#include "continuo/neural/export.h"

// Checkpoints of earlier versions, one of each model, load today and give the logits that they gave then, in the engine
// as in libtorch. The files stay as they are: where a format changes, files of the new kind are added.
namespace continuo {
namespace {

const std::vector<TokenId> kTokens = {2, 3, 5, 7, 11, 13, 1, 0, 4};

std::filesystem::path stored(const std::string& name) {
  return std::filesystem::path(CONTINUO_STORED_CHECKPOINTS) / name;
}

std::vector<float> stored_logits(const std::string& model) {
  std::ifstream file(stored(model + ".logits"));
  std::vector<float> logits;
  for (float value; file >> value;) logits.push_back(value);
  return logits;
}

// The preset `name`, so small that its file can be kept.
checkpoint::ModelConfig small_config(std::string_view name) {
  const auto tiny = checkpoint::preset_config(name, "tiny").value();
  auto config =
      checkpoint::changed(tiny, {.context_length = 12, .d_model = 8, .n_heads = tiny.n_heads > 1 ? 2 : 1, .d_ff = 16});
  if (config.memory_length > 0) config.memory_length = 4;
  config.vocab_size = 19;
  if (config.attention_window > 0) config.attention_window = 4;  // fewer than there are tokens
  return config;
}

void store(std::string_view name) {
  const auto path = stored(std::string(name) + ".safetensors");
  const auto config = small_config(name);
  ASSERT_TRUE(neural::write_random_checkpoint(path, config, {{"name", "none"}}, 11, 0.2).ok());
  const auto logits = neural::reference_logits(checkpoint::Checkpoint::open(path).value(), kTokens).value();
  std::ofstream file(stored(std::string(name) + ".logits"));
  file.precision(7);
  const auto vocab = static_cast<std::size_t>(config.vocab_size);
  for (std::size_t i = 0; i < logits.size(); ++i) file << logits[i] << ((i + 1) % vocab == 0 ? '\n' : ' ');
}

class StoredCheckpoint : public testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(Models, StoredCheckpoint, testing::ValuesIn(checkpoint::model_names()),
                         [](const auto& which) { return std::string(which.param); });

TEST_P(StoredCheckpoint, GivesTheLogitsOfItsTime) {
  const auto path = stored(std::string(GetParam()) + ".safetensors");
  if (!std::filesystem::exists(path) && std::getenv("CONTINUO_STORE_NEW_MODELS") != nullptr) store(GetParam());
  const auto file = checkpoint::Checkpoint::open(path);
  ASSERT_TRUE(file.ok()) << file.error().to_line() << "; CONTINUO_STORE_NEW_MODELS=1 makes the file of a new model";
  EXPECT_EQ(file->model.preset, GetParam());
  const std::vector<float> expected = stored_logits(std::string(GetParam()));
  ASSERT_EQ(expected.size(), kTokens.size() * static_cast<std::size_t>(file->model.vocab_size));

  const auto model = engine::Model::load(*file, {.weights = engine::Precision::kFp32});
  ASSERT_TRUE(model.ok()) << model.error().to_line();
  std::vector<float> logits(expected.size());
  ThreadPool threads(1);
  (*model)->forward(kTokens, logits, threads);
  const auto reference = neural::reference_logits(*file, kTokens);
  ASSERT_TRUE(reference.ok()) << reference.error().to_line();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(logits[i], expected[i], 1e-4) << i;
    ASSERT_NEAR((*reference)[i], expected[i], 1e-4) << i;
  }
}

}  // namespace
}  // namespace continuo
