#include "continuo/checkpoint/checkpoint.h"

#include <cmath>
#include <limits>
#include <optional>

#include <gtest/gtest.h>

#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"

#include "temporary_folder.h"

namespace continuo::checkpoint {
namespace {

ModelConfig small_config(std::string_view name) {
  ModelConfig config = preset_config(name, "tiny").value();
  config.vocab_size = 5;
  config.d_model = 4;
  config.n_layers = 1;
  config.n_heads = config.family == Family::kRecurrent ? 1 : 2;
  config.d_ff = 8;
  config.context_length = 3;
  return config;
}

// Tensors of a config, every number different; owns what its views show.
struct Weights {
  explicit Weights(const ModelConfig& config) {
    float value = 0;
    for (const TensorSpec& spec : tensor_specs(config)) {
      std::size_t elements = 1;
      for (const auto extent : spec.shape) elements *= static_cast<std::size_t>(extent);
      auto& block = blocks.emplace_back(elements);
      for (float& number : block) number = value += 1;
      views[spec.name] = {
          DType::kF32, spec.shape, {reinterpret_cast<const std::uint8_t*>(block.data()), block.size() * sizeof(float)}};
    }
  }
  std::vector<std::vector<float>> blocks;
  std::map<std::string, TensorView> views;
};

const nlohmann::json kTokenizer = {{"name", "performance"}, {"steps", {1, 2, 3}}};

class CheckpointFile : public ::testing::Test {
 protected:
  Status write(const ModelConfig& config, const std::map<std::string, TensorView>& views) {
    return write_checkpoint(path_, config, kTokenizer, provenance_, views);
  }
  // Writes the tensors with metadata of the test's own making.
  Result<Checkpoint> open_with(const std::map<std::string, TensorView>& views,
                               const std::map<std::string, std::string>& metadata) {
    EXPECT_TRUE(write_safetensors(path_, views, metadata).ok());
    return Checkpoint::open(path_);
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "model.safetensors";
  Provenance provenance_ = {"groove", "CC BY 4.0", "official", ~std::uint64_t{0}, "abc", 100, 12345, 1.5};
};

TEST_F(CheckpointFile, QkNormAndItsScales_AreReadBack) {
  ModelConfig config = small_config("llama");
  config.qk_norm = true;
  Weights weights(config);
  ASSERT_TRUE(write(config, weights.views).ok());
  const auto read = Checkpoint::open(path_);
  ASSERT_TRUE(read.ok()) << read.error().to_line();
  EXPECT_EQ(read->model, config);
  for (const std::string name : {"layers.0.attention.query_norm.weight", "layers.0.attention.key_norm.weight"}) {
    const auto& tensor = read->file.tensors().at(name);
    EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{2}));
    EXPECT_TRUE(std::equal(tensor.data.begin(), tensor.data.end(), weights.views.at(name).data.begin()));
  }
  weights.views.erase("layers.0.attention.key_norm.weight");
  ASSERT_TRUE(write_safetensors(path_, weights.views, read->file.metadata()).ok());
  EXPECT_FALSE(Checkpoint::open(path_).ok()) << "a scale is missing";
}

TEST_F(CheckpointFile, WriteThenOpen_GivesTheSame) {
  for (const auto name : model_names()) {
    const ModelConfig config = small_config(name);
    const Weights weights(config);
    ASSERT_TRUE(write(config, weights.views).ok());
    const auto read = Checkpoint::open(path_);
    ASSERT_TRUE(read.ok()) << read.error().to_line();
    EXPECT_EQ(read->model, config);
    EXPECT_EQ(read->tokenizer, kTokenizer);
    EXPECT_EQ(read->provenance.seed, provenance_.seed);
    EXPECT_EQ(read->provenance.data_licence, "CC BY 4.0");
    EXPECT_EQ(read->provenance.validation_nll, 1.5);
    EXPECT_EQ(read->file.tensors().size(), weights.views.size());
    const auto& block = read->file.tensors().at("token_embedding.weight");
    EXPECT_TRUE(
        std::equal(block.data.begin(), block.data.end(), weights.views.at("token_embedding.weight").data.begin()));
  }
}

TEST_F(CheckpointFile, SameContent_SameBytes) {
  const Weights weights(small_config("gpt"));
  ASSERT_TRUE(write(small_config("gpt"), weights.views).ok());
  const auto first = read_file(path_).value();
  ASSERT_TRUE(write(small_config("gpt"), weights.views).ok());
  EXPECT_EQ(first, read_file(path_).value());
}

TEST_F(CheckpointFile, UnmeasuredLoss_SurvivesAsZero) {
  provenance_.validation_nll = std::numeric_limits<double>::quiet_NaN();
  const Weights weights(small_config("gpt2"));
  ASSERT_TRUE(write(small_config("gpt2"), weights.views).ok());
  EXPECT_EQ(Checkpoint::open(path_).value().provenance.validation_nll, 0);
}

TEST_F(CheckpointFile, Write_RefusesWrongTensorsAndKeepsWhatWasThere) {
  const ModelConfig config = small_config("gpt2");
  const Weights weights(config);
  ASSERT_TRUE(write(config, weights.views).ok());
  const auto before = read_file(path_).value();
  auto missing = weights.views;
  missing.erase("final_norm.bias");
  EXPECT_EQ(write(config, missing).error().code, ErrorCode::malformed);
  auto misshapen = weights.views;
  misshapen["layers.0.mlp.fc1.weight"].shape = {4, 8};
  const auto status = write(config, misshapen);
  EXPECT_EQ(status.error().code, ErrorCode::malformed);
  EXPECT_NE(status.error().to_line().find("layers.0.mlp.fc1.weight"), std::string::npos);
  auto extra = weights.views;
  extra["layers.1.mlp.fc1.bias"] = extra["layers.0.mlp.fc1.bias"];
  EXPECT_FALSE(write(config, extra).ok());
  ModelConfig broken = config;
  broken.n_heads = 3;
  EXPECT_FALSE(write(broken, weights.views).ok());
  EXPECT_EQ(before, read_file(path_).value());
}

TEST_F(CheckpointFile, TensorsOutsideTheModelsNames_AreAllowed) {
  const ModelConfig config = small_config("lstm");
  auto views = Weights(config).views;
  const Weights weights(config);
  views = weights.views;
  views["training.example"] = weights.views.at("token_embedding.weight");
  ASSERT_TRUE(write(config, views).ok());
  EXPECT_TRUE(Checkpoint::open(path_).ok());
}

TEST_F(CheckpointFile, ForeignSafetensors_IsWrongFormat) {
  const Weights weights(small_config("gpt2"));
  const auto opened = open_with(weights.views, {{"format", "pt"}});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::wrong_format);
  EXPECT_EQ(opened.error().path, path_.string());
}

TEST_F(CheckpointFile, TrainingState_PointsToTheModel) {
  const Weights weights(small_config("gpt2"));
  const auto opened = open_with(weights.views, {{"continuo.train", "{}"}});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::wrong_format);
  EXPECT_NE(opened.error().what.find("best.safetensors"), std::string::npos);
}

TEST_F(CheckpointFile, BrokenMetadata_IsRefused) {
  const ModelConfig config = small_config("gpt2");
  const Weights weights(config);
  const std::map<std::string, std::string> good = {{"continuo.format", "1"},
                                                   {"continuo.model", to_json(config).dump()},
                                                   {"continuo.tokenizer", "{}"},
                                                   {"continuo.provenance", "{}"}};
  ASSERT_TRUE(open_with(weights.views, good).ok());
  const auto code_with = [&](const std::string& key, const std::string& text) {
    auto metadata = good;
    metadata[key] = text;
    const auto opened = open_with(weights.views, metadata);
    return opened.ok() ? ErrorCode::interrupted : opened.error().code;
  };
  EXPECT_EQ(code_with("continuo.format", "2"), ErrorCode::incompatible);
  EXPECT_EQ(code_with("continuo.format", "one"), ErrorCode::malformed);
  EXPECT_EQ(code_with("continuo.format", ""), ErrorCode::malformed);
  EXPECT_EQ(code_with("continuo.model", "{"), ErrorCode::malformed);
  EXPECT_EQ(code_with("continuo.model", "[]"), ErrorCode::malformed);
  EXPECT_EQ(code_with("continuo.tokenizer", R"({"a":1,"a":2})"), ErrorCode::malformed);
  EXPECT_EQ(code_with("continuo.tokenizer", std::string(100, '[') + std::string(100, ']')), ErrorCode::malformed);
  EXPECT_EQ(code_with("continuo.provenance", R"({"seed":"seven"})"), ErrorCode::malformed);
  EXPECT_EQ(code_with("continuo.provenance", "null"), ErrorCode::malformed);
  for (const auto* key : {"continuo.model", "continuo.tokenizer", "continuo.provenance"}) {
    auto metadata = good;
    metadata.erase(key);
    EXPECT_EQ(open_with(weights.views, metadata).error().code, ErrorCode::malformed) << key;
  }
}

TEST_F(CheckpointFile, ConfigThatContradictsTheTensors_IsRefused) {
  ModelConfig config = small_config("gpt2");
  config.positions = Positions::kLearned;
  const Weights weights(config);
  ModelConfig other = config;
  other.context_length = 7;
  const auto opened = open_with(weights.views, {{"continuo.format", "1"},
                                                {"continuo.model", to_json(other).dump()},
                                                {"continuo.tokenizer", "{}"},
                                                {"continuo.provenance", "{}"}});
  EXPECT_EQ(opened.error().code, ErrorCode::malformed);
  EXPECT_NE(opened.error().to_line().find("position_embedding.weight"), std::string::npos);
}

TEST_F(CheckpointFile, EveryTruncation_IsRefused) {
  const ModelConfig config = small_config("lstm");
  const Weights weights(config);
  ASSERT_TRUE(write(config, weights.views).ok());
  const auto whole = read_file(path_).value();
  const auto cut = folder_ / "cut.safetensors";
  for (std::size_t length = 0; length < whole.size(); length += length < 64 ? 1 : 13) {
    put_bytes(cut, std::span(whole).first(length));
    const auto opened = Checkpoint::open(cut);
    ASSERT_FALSE(opened.ok()) << length;
    EXPECT_EQ(opened.error().path, cut.string());
  }
}

// A matrix of a model as whole numbers with one scale for each row.
TEST_F(CheckpointFile, MatricesOfWholeNumbers_NeedScalesOfTheirRows) {
  const ModelConfig config = small_config("gpt2");
  const Weights weights(config);
  const std::string matrix = "layers.0.mlp.fc1.weight";  // [8, 4]
  const std::string scales = scale_name(matrix);
  EXPECT_EQ(scales, "layers.0.mlp.fc1.weight_scale");
  const std::vector<std::uint8_t> numbers(32, 1), eight_floats(32, 0);
  auto views = weights.views;
  views[matrix] = {DType::kI8, {8, 4}, numbers};
  EXPECT_EQ(write(config, views).error().code, ErrorCode::malformed) << "the scales are missing";
  views[scales] = {DType::kF32, {8}, eight_floats};
  ASSERT_TRUE(write(config, views).ok());
  EXPECT_TRUE(Checkpoint::open(path_).ok());
  views[scales] = {DType::kF32, {4}, std::span(eight_floats).first(16)};
  EXPECT_FALSE(write(config, views).ok()) << "one for each column";
  views[scales] = {DType::kI32, {8}, eight_floats};
  EXPECT_FALSE(write(config, views).ok()) << "not F32";
  auto unused = weights.views;
  unused[scales] = {DType::kF32, {8}, eight_floats};
  EXPECT_FALSE(write(config, unused).ok()) << "scales of a matrix that has none";
  auto vector = weights.views;
  vector["final_norm.bias"] = {DType::kI8, {4}, std::span(numbers).first(4)};
  vector["final_norm.bias_scale"] = {DType::kF32, {4}, std::span(eight_floats).first(16)};
  EXPECT_FALSE(write(config, vector).ok()) << "a vector";
}

TEST_F(CheckpointFile, Provenance_SurvivesFieldByField) {
  const Weights weights(small_config("lstm"));
  ASSERT_TRUE(write(small_config("lstm"), weights.views).ok());
  const Provenance read = Checkpoint::open(path_).value().provenance;
  EXPECT_EQ(read.data_set, "groove");
  EXPECT_EQ(read.data_licence, "CC BY 4.0");
  EXPECT_EQ(read.split, "official");
  EXPECT_EQ(read.seed, ~std::uint64_t{0});
  EXPECT_EQ(read.commit, "abc");
  EXPECT_EQ(read.steps, 100);
  EXPECT_EQ(read.tokens_seen, 12345);
  EXPECT_EQ(read.validation_nll, 1.5);
}

TEST_F(CheckpointFile, TrainingRecord_SurvivesFieldByField) {
  provenance_.validation_nll_quarters = {2.5, std::nullopt, 1.25, 1.0};
  provenance_.validation_tokens = 777;
  provenance_.training_sec = 61.5;
  provenance_.data_fingerprint = "0123456789abcdef";
  provenance_.data_tokens = 98765;
  provenance_.longest_note = 4.25;
  provenance_.version = "0.1.0";
  provenance_.options = {{"batch_size", 4}, {"pack", true}, {"optimiser", "muon"}};
  const Weights weights(small_config("lstm"));
  ASSERT_TRUE(write(small_config("lstm"), weights.views).ok());
  const Provenance read = Checkpoint::open(path_).value().provenance;
  EXPECT_EQ(read.validation_nll_quarters, provenance_.validation_nll_quarters);
  EXPECT_EQ(read.validation_tokens, 777);
  EXPECT_EQ(read.training_sec, 61.5);
  EXPECT_EQ(read.data_fingerprint, "0123456789abcdef");
  EXPECT_EQ(read.data_tokens, 98765);
  EXPECT_EQ(read.longest_note, 4.25);
  EXPECT_EQ(read.version, "0.1.0");
  EXPECT_EQ(read.options, provenance_.options);
}

TEST_F(CheckpointFile, TrainingRecord_OfEarlierVersionsIsEmpty_AndABrokenOneIsRefused) {
  const Weights weights(small_config("gpt2"));
  const auto with = [&](const char* provenance) {
    return open_with(weights.views, {{"continuo.format", "1"},
                                     {"continuo.model", to_json(small_config("gpt2")).dump()},
                                     {"continuo.tokenizer", "{}"},
                                     {"continuo.provenance", provenance}});
  };
  const auto old = with(R"({"data_set":"groove","steps":5,"tokens_seen":6,"validation_nll":1.5})");
  ASSERT_TRUE(old.ok()) << old.error().to_line();
  EXPECT_EQ(old->provenance.validation_nll_quarters, (std::array<std::optional<double>, 4>{}));
  EXPECT_EQ(old->provenance.training_sec, 0);
  EXPECT_EQ(old->provenance.longest_note, 0);
  EXPECT_EQ(old->provenance.options, nlohmann::json::object());
  for (const char* bad : {R"({"validation_nll_quarters":[1,2,3]})", R"({"validation_nll_quarters":[1,2,3,"4"]})",
                          R"({"validation_nll_quarters":5})", R"({"training_sec":"long"})", R"({"options":[1]})"}) {
    const auto opened = with(bad);
    ASSERT_FALSE(opened.ok()) << bad;
    EXPECT_EQ(opened.error().code, ErrorCode::malformed) << bad;
  }
}

TEST_F(CheckpointFile, Write_RefusesTextThatIsNotUtf8) {
  provenance_.data_set = "\xff";
  const Weights weights(small_config("gpt2"));
  EXPECT_EQ(write(small_config("gpt2"), weights.views).error().code, ErrorCode::malformed);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(CheckpointFile, Format_NamesItsNumberAndAcceptsNoOther) {
  const Weights weights(small_config("gpt2"));
  for (const char* format : {"0", "-1", "1x", " 1", "99999999999", "2", "3"}) {
    const auto opened = open_with(weights.views, {{"continuo.format", format},
                                                  {"continuo.model", to_json(small_config("gpt2")).dump()},
                                                  {"continuo.tokenizer", "{}"},
                                                  {"continuo.provenance", "{}"}});
    ASSERT_FALSE(opened.ok()) << format;
    const bool newer = std::string(format) == "2" || std::string(format) == "3";
    EXPECT_EQ(opened.error().code, newer ? ErrorCode::incompatible : ErrorCode::malformed) << format;
  }
}

}  // namespace
}  // namespace continuo::checkpoint
