#include "continuo/checkpoint/model_config.h"

#include <nlohmann/json.hpp>
#include <set>

#include <gtest/gtest.h>

#include "continuo/checkpoint/tensor_names.h"

namespace continuo::checkpoint {
namespace {

ModelConfig preset(std::string_view name, std::string_view size = "tiny") {
  ModelConfig config = preset_config(name, size).value();
  config.vocab_size = 100;
  return config;
}

TEST(Presets, EveryNameAndSize_IsValidAndSurvivesJson) {
  for (const auto name : model_names()) {
    EXPECT_FALSE(model_summary(name).empty());
    for (const auto size : size_names()) {
      const ModelConfig config = preset(name, size);
      EXPECT_EQ(config.preset, name);
      EXPECT_TRUE(validate(config).ok()) << name << " " << size;
      const auto read = model_config_from_json(to_json(config));
      ASSERT_TRUE(read.ok()) << read.error().to_line();
      EXPECT_EQ(*read, config);
    }
  }
}

TEST(Presets, Models_DifferWhereTheyShould) {
  EXPECT_EQ(preset("gpt").norm_placement, NormPlacement::kPost);
  EXPECT_EQ(preset("gpt2").norm_placement, NormPlacement::kPre);
  EXPECT_EQ(preset("bert").norm_placement, NormPlacement::kPre);
  EXPECT_EQ(preset("bert").masking, Masking::kBidirectional);
  EXPECT_EQ(preset("gpt").masking, Masking::kCausal);
  EXPECT_EQ(preset("lstm").family, Family::kLstm);
  EXPECT_EQ(preset("gpt2", "base").n_layers, 6);
  EXPECT_EQ(preset("lstm", "base").d_model, 512);
}

TEST(Presets, AnUnknownNameIsAnsweredWithThoseThatExist) {
  EXPECT_EQ(preset_config("gpt3", "tiny").error().what, "unknown model 'gpt3' (known: lstm, gpt, gpt2, bert)");
  EXPECT_EQ(preset_config("gpt2", "huge").error().what, "unknown size 'huge' (known: tiny, small, base)");
  EXPECT_EQ(family_of("lstm"), Family::kLstm);
  EXPECT_EQ(family_of("bert"), Family::kTransformer);
  EXPECT_EQ(family_of("gpt3"), std::nullopt);
}

TEST(Presets, UnknownNames_AreUnsupported) {
  EXPECT_EQ(preset_config("gpt3", "tiny").error().code, ErrorCode::unsupported);
  EXPECT_EQ(preset_config("gpt2", "huge").error().code, ErrorCode::unsupported);
  EXPECT_TRUE(model_summary("gpt3").empty());
}

TEST(ModelConfig, Positions_SurviveJsonAndDecideTensors) {
  ModelConfig config = preset("gpt2");
  EXPECT_FALSE(to_json(config).contains("positions"));
  const auto learned = tensor_specs(config).size(), layers = static_cast<std::size_t>(config.n_layers);
  config.positions = Positions::kRelative;
  EXPECT_EQ(model_config_from_json(to_json(config)).value(), config);
  EXPECT_EQ(tensor_specs(config).size(), learned - 1 + layers);
  EXPECT_EQ(distance_count(config), config.context_length);
  config.masking = Masking::kBidirectional;
  EXPECT_EQ(distance_count(config), 2 * config.context_length - 1);
  config.positions = Positions::kRotary;
  EXPECT_EQ(tensor_specs(config).size(), learned - 1);
  config.n_heads = config.d_model;
  EXPECT_FALSE(validate(config).ok());
  ModelConfig lstm = preset("lstm");
  lstm.positions = Positions::kRelative;
  EXPECT_FALSE(validate(lstm).ok());
  lstm.positions = Positions::kRotary;
  lstm.n_heads = 0;  // which an LSTM does not look at
  EXPECT_FALSE(validate(lstm).ok());
}

TEST(ModelConfig, Json_RefusesMissingForeignAndMistypedFields) {
  const nlohmann::json good = to_json(preset("gpt2"));
  for (const auto& [field, value] : good.items()) {
    nlohmann::json without = good;
    without.erase(field);
    EXPECT_EQ(model_config_from_json(without).error().code, ErrorCode::malformed) << field;
    nlohmann::json mistyped = good;
    mistyped[field] = nlohmann::json::array({1});
    const auto result = model_config_from_json(mistyped);
    ASSERT_FALSE(result.ok()) << field;
    EXPECT_NE(result.error().what.find(field), std::string::npos) << result.error().what;
  }
  nlohmann::json foreign = good;
  foreign["rotary"] = true;
  EXPECT_EQ(model_config_from_json(foreign).error().what,
            "model config: 'rotary' is a field that this version does not know");
  EXPECT_FALSE(model_config_from_json(nlohmann::json(3)).ok());
}

TEST(ModelConfig, Json_RefusesValuesOutOfRange) {
  const auto refused = [](const char* field, const nlohmann::json& value) {
    nlohmann::json object = to_json(preset("gpt2"));
    object[field] = value;
    return !model_config_from_json(object).ok();
  };
  EXPECT_TRUE(refused("vocab_size", 0));
  EXPECT_TRUE(refused("vocab_size", -5));
  EXPECT_TRUE(refused("vocab_size", 1LL << 40));
  EXPECT_TRUE(refused("vocab_size", 18446744073709551615ULL));
  EXPECT_TRUE(refused("d_model", 1 << 20));
  EXPECT_TRUE(refused("n_heads", 3));
  EXPECT_TRUE(refused("n_heads", 0));
  EXPECT_TRUE(refused("n_layers", 100000));
  EXPECT_TRUE(refused("norm_epsilon", 0));
  EXPECT_TRUE(refused("norm_epsilon", nullptr));
  EXPECT_TRUE(refused("dropout", 1.0));
  EXPECT_TRUE(refused("masking", "sideways"));
  EXPECT_TRUE(refused("family", "lstm"));
  EXPECT_TRUE(refused("preset", "lstm"));
  EXPECT_FALSE(refused("dropout", 0));
}

TEST(TensorSpecs, Names_AreUniqueAndFollowTheConfig) {
  for (const auto name : model_names()) {
    const ModelConfig config = preset(name, "small");
    std::set<std::string> names;
    for (const TensorSpec& spec : tensor_specs(config)) EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_EQ(names.contains("final_norm.weight"), name == "gpt2" || name == "bert");
    EXPECT_EQ(names.contains("embedding_norm.bias"), name == "gpt");
    EXPECT_FALSE(names.contains("output.weight"));
    EXPECT_TRUE(names.contains("output.bias"));
    ModelConfig untied = config;
    untied.tied_output = false;
    EXPECT_EQ(tensor_specs(untied).size(), names.size() + 1);
  }
}

TEST(ParameterCount, Base_EqualsTheSumByHand) {
  ModelConfig gpt2 = preset("gpt2", "base");
  gpt2.vocab_size = 512;
  const std::int64_t layer = 1536 * 513 + 512 * 513 + 2048 * 513 + 512 * 2049 + 4 * 512;
  EXPECT_EQ(parameter_count(gpt2), 512 * 512 + 1024 * 512 + 6 * layer + 2 * 512 + 512);
  ModelConfig lstm = preset("lstm", "base");
  lstm.vocab_size = 256;
  lstm.tied_output = false;
  EXPECT_EQ(parameter_count(lstm), 2 * 256 * 512 + 256 + 2 * (2 * 2048 * 512 + 2048));
}

}  // namespace
}  // namespace continuo::checkpoint
