#include "loop/matched_words.h"

#include <cmath>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "continuo/checkpoint/presets.h"
#include "continuo/neural/export.h"
#include "continuo/tokens/beat_tokenizers.h"

namespace continuo::train {
namespace {

tokens::Vocabulary vocabulary(std::vector<std::string> words) {
  return tokens::Vocabulary::make(std::move(words)).value();
}

std::vector<float> floats(const checkpoint::TensorView& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

TEST(MatchedWords, AreFoundByName) {
  const MatchedWords words = match_words(vocabulary({"a", "b", "c"}), vocabulary({"c", "d", "a", "e"}));
  const std::vector<std::optional<TokenId>> from = {0, 1, 2, 3, 6, {}, 4, {}};
  EXPECT_EQ(words.from, from) << "PAD, BOS, EOS and MASK are words like others";
  EXPECT_EQ(words.summary(), "6 words copied by name, 2 new, 1 dropped");
}

TEST(MatchedWords, TokenizersWithOtherStepsAreIncompatible) {
  const auto model = [](const tokens::BeatOptions& options) {
    return checkpoint::Checkpoint{.tokenizer = tokens::make_beat_tokenizer("remi_plus", options).value()->to_json()};
  };
  const auto data = tokens::make_beat_tokenizer("remi_plus", {}).value();
  EXPECT_FALSE(words_of_model(model({}), *data).value()) << "nothing to match";
  const auto louder = words_of_model(model({.velocity_bins = 16}), *data);
  ASSERT_TRUE(louder.ok() && *louder);
  EXPECT_EQ((*louder)->copied + (*louder)->added, static_cast<std::size_t>(data->vocabulary().size()));
  const auto finer = words_of_model(model({.resolutions = {{0, 4, 12}, {4, 12, 6}}}), *data);
  ASSERT_FALSE(finer.ok());
  EXPECT_EQ(finer.error().code, ErrorCode::incompatible);
}

TEST(MatchedWeights, CopyRowsAndBeginNewOnesAtTheirMean) {
  const auto path =
      std::filesystem::temp_directory_path() / ("continuo_matched_" + std::to_string(getpid()) + ".safetensors");
  auto config = checkpoint::preset_config("gpt2", "tiny").value();
  config.vocab_size = 7;
  config.d_model = 16;
  config.n_heads = 2;
  config.tied_output = false;
  config.bias = true;
  ASSERT_TRUE(neural::write_random_checkpoint(path, config, nlohmann::json::object(), 3, 0.5).ok());
  const auto model = checkpoint::Checkpoint::open(path);
  ASSERT_TRUE(model.ok()) << model.error().to_line();
  const MatchedWords words = match_words(vocabulary({"a", "b", "c"}), vocabulary({"c", "d", "a", "e"}));
  const auto matched = MatchedWeights::make(*model, words, 1);
  ASSERT_TRUE(matched.ok()) << matched.error().to_line();
  const auto again = MatchedWeights::make(*model, words, 1), other = MatchedWeights::make(*model, words, 2);

  for (const auto& [name, tensor] : model->file.tensors()) {
    const auto old = floats(tensor), now = floats(matched->tensors().at(name));
    const bool of_words = name.starts_with("token_embedding") || name.starts_with("output");
    if (!of_words) {
      EXPECT_EQ(now, old) << name;
      continue;
    }
    const std::size_t width = old.size() / 7;
    ASSERT_EQ(now.size(), 8 * width) << name;
    EXPECT_EQ(matched->tensors().at(name).shape.front(), 8) << name;
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (const auto from = words.from[i / width]) {
        EXPECT_EQ(now[i], old[static_cast<std::size_t>(*from) * width + i % width]) << name;
        continue;
      }
      double mean = 0;
      for (std::size_t row = 0; row < 7; ++row) mean += old[row * width + i % width] / 7;
      EXPECT_NEAR(now[i], mean, 0.02) << name;
      EXPECT_NE(now[i], static_cast<float>(mean)) << name;
    }
    EXPECT_EQ(now, floats(again->tensors().at(name)));
    EXPECT_NE(now, floats(other->tensors().at(name)));
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace continuo::train
