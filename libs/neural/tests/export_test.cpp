#include "continuo/neural/export.h"

#include <cmath>

#include <gtest/gtest.h>

#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/neural/network.h"
#include "continuo/neural/runtime.h"

namespace continuo::neural {
namespace {

namespace fs = std::filesystem;

class Export : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("continuo_neural_" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(Export, EveryPresetRoundTripsThroughItsFile) {
  for (const std::string_view name : checkpoint::model_names()) {
    auto config = checkpoint::preset_config(name, "tiny").value();
    config.vocab_size = 40;
    const fs::path path = folder_ / (std::string(name) + ".safetensors");
    ASSERT_TRUE(write_random_checkpoint(path, config, nlohmann::json{{"name", "none"}}, 3));
    const auto opened = checkpoint::Checkpoint::open(path);
    ASSERT_TRUE(opened) << opened.error().to_line();
    const auto network = Network::create(config, 99);
    ASSERT_TRUE(network->import_weights(opened->file.tensors()));
    for (const auto& [tensor, view] : network->export_weights()) {
      const auto& stored = opened->file.tensors().at(tensor);
      EXPECT_EQ(view.shape, stored.shape);
      EXPECT_TRUE(std::equal(view.data.begin(), view.data.end(), stored.data.begin(), stored.data.end())) << tensor;
    }
    const std::vector<TokenId> tokens = {1, 5, 9, 30, 39, 4};
    const auto logits = reference_logits(opened.value(), tokens);
    ASSERT_TRUE(logits);
    EXPECT_EQ(logits->size(), tokens.size() * 40);
    for (const float value : *logits) EXPECT_TRUE(std::isfinite(value));
  }
}

TEST_F(Export, BadTokensAreRefused) {
  auto config = checkpoint::preset_config("gpt2", "tiny").value();
  config.vocab_size = 40;
  ASSERT_TRUE(write_random_checkpoint(folder_ / "m.safetensors", config, {}, 3));
  const auto opened = checkpoint::Checkpoint::open(folder_ / "m.safetensors");
  ASSERT_TRUE(opened);
  for (const std::vector<TokenId>& bad :
       {std::vector<TokenId>{}, std::vector<TokenId>{40}, std::vector<TokenId>{-1}, std::vector<TokenId>(257, 5)}) {
    const auto logits = reference_logits(*opened, bad);
    ASSERT_FALSE(logits);
    EXPECT_EQ(logits.error().code, ErrorCode::invalid_argument);
  }
}

TEST(Import, MissingOrMisshapenTensorChangesNothing) {
  auto config = checkpoint::preset_config("lstm", "tiny").value();
  config.vocab_size = 12;
  const auto source = Network::create(config, 1), target = Network::create(config, 2);
  auto weights = source->export_weights();
  const auto before = std::vector<std::uint8_t>(target->export_weights().at("output.bias").data.begin(),
                                                target->export_weights().at("output.bias").data.end());
  auto missing = weights;
  missing.erase("layers.0.lstm.recurrent.weight");
  const auto first = target->import_weights(missing);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::not_found);
  EXPECT_EQ(first.error().where, "layers.0.lstm.recurrent.weight");
  weights["layers.0.lstm.bias"].shape = {3};
  const auto second = target->import_weights(weights);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::malformed);
  const auto after = target->export_weights().at("output.bias").data;
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin(), after.end()));
}

TEST(Import, OfInt8_IsEachRowTimesItsScale) {
  auto config = checkpoint::preset_config("lstm", "tiny").value();
  config.vocab_size = 12;
  const auto source = Network::create(config, 1), target = Network::create(config, 2);
  const std::string name = "layers.0.lstm.input.weight";
  auto weights = source->export_weights();
  const std::vector<std::int64_t> shape = weights.at(name).shape;
  std::vector<std::uint8_t> whole(std::size_t(shape[0] * shape[1]));
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<std::uint8_t>(i * 37);
  std::vector<float> scales(whole.size() / std::size_t(shape[1]));
  for (std::size_t row = 0; row < scales.size(); ++row) scales[row] = 0.25F * float(row + 1);
  weights[name] = {checkpoint::DType::kI8, shape, whole};
  EXPECT_EQ(target->import_weights(weights).error().what, "the scales of the I8 tensor are missing");
  weights[checkpoint::scale_name(name)] = {
      checkpoint::DType::kF32,
      {shape[0]},
      {reinterpret_cast<const std::uint8_t*>(scales.data()), scales.size() * sizeof(float)}};
  ASSERT_TRUE(target->import_weights(weights));
  const auto values = target->export_weights();
  const auto* imported = reinterpret_cast<const float*>(values.at(name).data.data());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    ASSERT_EQ(imported[i], float(static_cast<std::int8_t>(whole[i])) * scales[i / std::size_t(shape[1])]) << i;
  }
}

TEST(Runtime, AutoChoosesAPrecision) {
  const Runtime runtime = prepare_runtime({2, Precision::kAuto});
  EXPECT_NE(runtime.precision, Precision::kAuto);
  EXPECT_EQ(prepare_runtime({2, Precision::kFp32}).precision, Precision::kFp32);
  EXPECT_FALSE(precision_from_string("fp16").ok());
}

}  // namespace
}  // namespace continuo::neural
