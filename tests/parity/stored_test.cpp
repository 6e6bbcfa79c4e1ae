#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/thread_pool.h"
#include "continuo/checkpoint/checkpoint.h"
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

class StoredCheckpoint : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, StoredCheckpoint, testing::Values("lstm", "gru", "gpt", "gpt2", "llama", "bert"));

TEST_P(StoredCheckpoint, GivesTheLogitsOfItsTime) {
  const auto file = checkpoint::Checkpoint::open(stored(std::string(GetParam()) + ".safetensors"));
  ASSERT_TRUE(file.ok()) << file.error().to_line();
  EXPECT_EQ(file->model.preset, GetParam());
  const std::vector<float> expected = stored_logits(GetParam());
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
