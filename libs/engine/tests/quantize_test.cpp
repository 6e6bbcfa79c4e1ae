#include "continuo/engine/quantize.h"

#include <gtest/gtest.h>

#include "synthetic_model.h"

namespace continuo::engine {
namespace {

std::vector<float> logits_of(const std::filesystem::path& path, LoadOptions options) {
  const auto opened = checkpoint::Checkpoint::open(path).value();
  const auto model = Model::load(opened, options).value();
  ThreadPool pool(1);
  std::vector<float> logits(20 * 53);
  model->forward(random_tokens(20, 53), logits, pool);
  return logits;
}

class Quantize : public ::testing::Test {
 protected:
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove(narrow_, ignored);
  }
  std::filesystem::path narrow_ =
      std::filesystem::temp_directory_path() / ("continuo_quantize_" + std::to_string(getpid()) + ".safetensors");
};

// An untied model: the embedding of tokens is then rounded in the file and not in memory, so it has exact numbers.
TEST_F(Quantize, AStoredPrecision_PlaysAsOneChosenWhenLoading) {
  for (const auto name : checkpoint::model_names()) {
    for (const auto precision : {Precision::kFp16, Precision::kBf16, Precision::kInt8}) {
      auto config = with_places(odd_config(name));
      config.tied_output = false;
      SyntheticModel synthetic(config);
      for (float& weight : synthetic.weights()["token_embedding.weight"]) weight = weight > 0 ? 0.5F : -0.5F;
      ASSERT_TRUE(synthetic.load().ok());
      const auto opened = checkpoint::Checkpoint::open(synthetic.path()).value();
      const auto written = write_quantized(opened, precision, narrow_);
      ASSERT_TRUE(written.ok()) << written.error().to_line();
      EXPECT_EQ(stored_precision(checkpoint::Checkpoint::open(narrow_).value()), precision);
      EXPECT_LT(std::filesystem::file_size(narrow_), std::filesystem::file_size(synthetic.path()));
      const auto stored = logits_of(narrow_, {}), chosen = logits_of(synthetic.path(), {.weights = precision});
      for (std::size_t i = 0; i < stored.size(); ++i) ASSERT_NEAR(stored[i], chosen[i], 1e-5) << name;
    }
  }
}

TEST_F(Quantize, Twice_IsOnce) {
  const SyntheticModel synthetic(odd_config("gpt2"));
  ASSERT_TRUE(synthetic.load().ok());
  ASSERT_TRUE(write_quantized(checkpoint::Checkpoint::open(synthetic.path()).value(), Precision::kInt8, narrow_).ok());
  const auto once = logits_of(narrow_, {.weights = Precision::kFp32});
  ASSERT_TRUE(write_quantized(checkpoint::Checkpoint::open(narrow_).value(), Precision::kInt8, narrow_).ok());
  const auto twice = logits_of(narrow_, {.weights = Precision::kFp32});
  for (std::size_t i = 0; i < once.size(); ++i) ASSERT_NEAR(once[i], twice[i], 1e-5);
}

TEST_F(Quantize, WeightsThatDoNotFit_AreRefusedAndNothingIsWritten) {
  SyntheticModel synthetic(odd_config("gpt2"));
  synthetic.weights()["layers.0.mlp.fc1.weight"][5] = 1e6F;
  ASSERT_TRUE(synthetic.load().ok());
  const auto written =
      write_quantized(checkpoint::Checkpoint::open(synthetic.path()).value(), Precision::kFp16, narrow_);
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().to_line().find("layers.0.mlp.fc1.weight"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(narrow_));
}

}  // namespace
}  // namespace continuo::engine
