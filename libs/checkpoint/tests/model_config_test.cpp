#include "continuo/checkpoint/model_config.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include <gtest/gtest.h>

#include "continuo/base/text.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"

namespace continuo::checkpoint {
namespace {

ModelConfig preset(std::string_view name, std::string_view size = "tiny") {
  ModelConfig config = preset_config(name, size).value();
  config.vocab_size = 100;
  return config;
}

// With the positions that all models had in the first files.
ModelConfig with_learned_positions(std::string_view name, std::string_view size = "tiny") {
  ModelConfig config = preset(name, size);
  config.positions = Positions::kLearned;
  return config;
}

TEST(Presets, EveryNameAndSize_IsValidAndSurvivesJson) {
  for (const auto name : model_names()) {
    EXPECT_FALSE(model_summary(name).empty());
    for (const auto size : {"tiny", "small", "base"}) {
      const ModelConfig config = preset(name, size);
      EXPECT_EQ(config.preset, name);
      EXPECT_TRUE(validate(config).ok()) << name << " " << size;
      const auto read = model_config_from_json(to_json(config));
      ASSERT_TRUE(read.ok()) << read.error().to_line();
      EXPECT_EQ(*read, config);
    }
  }
}

TEST(Presets, EveryPublishedSize_IsValidAndOfOneModel) {
  for (const auto size : size_names().subspan(3)) {
    int models = 0;
    for (const auto name : model_names()) {
      auto config = preset_config(name, size);
      if (!config.ok()) continue;
      ++models;
      config->vocab_size = 100;
      EXPECT_TRUE(validate(*config).ok()) << name << " " << size;
    }
    EXPECT_EQ(models, 1) << size;
  }
  EXPECT_EQ(preset_config("lstm", "gpt2_124m").error().what, "the size 'gpt2_124m' is one of gpt2, not of lstm");
}

// Those of the published checkpoints. Where ours has other parts, their weights are named.
TEST(Presets, PublishedSizes_HaveAsManyWeightsAsTheirPapers) {
  const auto count = [](std::string_view name, std::string_view size, int vocab_size, Positions positions) {
    ModelConfig config = preset_config(name, size).value();
    config.vocab_size = vocab_size;
    config.positions = positions;
    return parameter_count(config);
  };
  EXPECT_EQ(count("gpt2", "gpt2_124m", 50257, Positions::kLearned), 124'439'808 + 50257) << "a bias of the output";
  EXPECT_EQ(count("gpt2", "gpt2_355m", 50257, Positions::kLearned), 354'823'168 + 50257) << "a bias of the output";
  EXPECT_EQ(count("gpt", "gpt_117m", 40478, Positions::kLearned), 116'534'784 + 40478 + 2 * 768)
      << "a bias of the output, a norm of the embeddings";
}

TEST(Presets, Models_DifferWhereTheyShould) {
  EXPECT_EQ(preset("gpt").norm_placement, NormPlacement::kPost);
  EXPECT_EQ(preset("gpt2").norm_placement, NormPlacement::kPre);
  EXPECT_EQ(preset("bert").norm_placement, NormPlacement::kPre);
  EXPECT_EQ(preset("bert").masking, Masking::kBidirectional);
  EXPECT_EQ(preset("gpt").masking, Masking::kCausal);
  EXPECT_EQ(preset("music_transformer").positions, Positions::kRelative);
  EXPECT_EQ(preset("transformer_xl").memory_length, preset("transformer_xl").context_length);
  EXPECT_EQ(preset("gpt2").memory_length, 0);
  EXPECT_EQ(preset("lstm").family, Family::kRecurrent);
  EXPECT_EQ(preset("gpt2", "base").n_layers, 6);
  EXPECT_EQ(preset("lstm", "base").d_model, 512);
  EXPECT_EQ(preset("lstm", "base").n_heads, 1);
  EXPECT_EQ(preset("attention_rnn", "base").attention_window, 40);
  EXPECT_EQ(preset("attention_rnn", "base").n_heads, 8);
  EXPECT_EQ(preset("attention_rnn", "magenta_attention_rnn").n_heads, 1) << "as in the paper";
}

TEST(Presets, AnUnknownNameIsAnsweredWithThoseThatExist) {
  EXPECT_EQ(preset_config("gpt3", "tiny").error().what, "unknown model 'gpt3' (known: " + joined(model_names()) + ")");
  EXPECT_EQ(preset_config("gpt2", "huge").error().what, "unknown size 'huge' (known: " + joined(size_names()) + ")");
  EXPECT_EQ(family_of("lstm"), Family::kRecurrent);
  EXPECT_EQ(family_of("bert"), Family::kTransformer);
  EXPECT_EQ(family_of("gpt3"), std::nullopt);
}

TEST(Presets, UnknownNames_AreUnsupported) {
  EXPECT_EQ(preset_config("gpt3", "tiny").error().code, ErrorCode::unsupported);
  EXPECT_EQ(preset_config("gpt2", "huge").error().code, ErrorCode::unsupported);
  EXPECT_TRUE(model_summary("gpt3").empty());
}

TEST(ModelConfig, Positions_SurviveJsonAndDecideTensors) {
  ModelConfig config = with_learned_positions("gpt2");
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

TEST(ModelConfig, MusicalPlaces_SurviveJsonAndDecideTensors) {
  for (const auto name : {"lstm", "gru", "attention_rnn", "gpt", "gpt2", "music_transformer", "llama"}) {
    ModelConfig config = preset(name);
    config.places = 16;
    config.slots = 4;
    EXPECT_TRUE(config.has_musical_places());
    EXPECT_EQ(model_config_from_json(to_json(config)).value(), config);
    const auto specs = tensor_specs(config);
    EXPECT_EQ(specs.size(), tensor_specs(preset(name)).size() + 2);
    EXPECT_EQ(specs[1].name, "place_embedding.weight");
    EXPECT_EQ(specs[1].shape, (std::vector<std::int64_t>{16, config.d_model}));
    EXPECT_EQ(specs[2].name, "slot_embedding.weight");
    EXPECT_EQ(specs[2].shape, (std::vector<std::int64_t>{4, config.d_model}));
    for (const auto& spec : specs) EXPECT_TRUE(is_model_tensor(spec.name)) << spec.name;
  }
}

TEST(ModelConfig, QkNorm_SurvivesJsonAndAddsItsScales) {
  ModelConfig config = preset("llama");
  EXPECT_FALSE(to_json(config).contains("qk_norm"));
  const auto without = tensor_specs(config).size(), layers = static_cast<std::size_t>(config.n_layers);
  config.qk_norm = true;
  EXPECT_EQ(to_json(config).at("qk_norm"), true);
  EXPECT_EQ(model_config_from_json(to_json(config)).value(), config);
  EXPECT_EQ(tensor_specs(config).size(), without + 2 * layers);
  EXPECT_EQ(parameter_count(config) - parameter_count(preset("llama")), 2 * config.n_layers * config.head_width());
  nlohmann::json mistyped = to_json(config);
  mistyped["qk_norm"] = "on";
  EXPECT_EQ(model_config_from_json(mistyped).error().code, ErrorCode::malformed);
  ModelConfig lstm = preset("lstm");
  lstm.qk_norm = true;
  EXPECT_EQ(validate(lstm).error().what, "model config: 'qk_norm' is not a part of this family");
}

TEST(ModelConfig, AttentionWindow_SurvivesJsonAndAddsAttentionToTheLastLayer) {
  EXPECT_FALSE(to_json(preset("lstm")).contains("attention_window"));
  ModelConfig config = preset("attention_rnn", "base");
  EXPECT_EQ(to_json(config).at("attention_window"), 40);
  EXPECT_EQ(model_config_from_json(to_json(config)).value(), config);
  const std::int64_t width = config.d_model;
  EXPECT_EQ(parameter_count(config) - parameter_count(preset("lstm", "base")), 4 * (width * width + width));
  EXPECT_EQ(parameter_parts(config).output, parameter_parts(preset("lstm", "base")).output);
  for (const auto& spec : tensor_specs(config)) {
    EXPECT_TRUE(is_model_tensor(spec.name)) << spec.name;
    const bool attends = spec.name.find("attention") != std::string::npos;
    EXPECT_TRUE(!attends || spec.name.starts_with("layers.1.")) << spec.name;
  }
  const auto problem = [](const ModelConfig& wrong) { return validate(wrong).error().what; };
  config.attention_window = -1;
  EXPECT_EQ(problem(config), "model config: 'attention_window' is -1, not 0 to 65536");
  config.attention_window = 65537;
  EXPECT_EQ(problem(config), "model config: 'attention_window' is 65537, not 0 to 65536");
  config.attention_window = 40;
  config.n_heads = 3;
  EXPECT_EQ(problem(config), "model config: 'n_heads' does not divide d_model");
  config.attention_window = 0;  // without attention, heads are not looked at
  EXPECT_TRUE(validate(config).ok());
  ModelConfig gpt2 = preset("gpt2");
  gpt2.attention_window = 40;
  EXPECT_EQ(problem(gpt2), "model config: 'attention_window' is not a part of this family");
}

// A file of today has a part only where it differs from what all files had before there were parts.
TEST(ModelConfig, Parts_AreInFilesWhereTheyAreNotTheDefault) {
  for (const auto name : {"lstm", "gpt", "gpt2", "bert"}) {
    for (const auto key :
         {"norm", "n_kv_heads", "bias", "cell", "attention_window", "positions", "places", "slots", "qk_norm"}) {
      EXPECT_FALSE(to_json(with_learned_positions(name)).contains(key)) << name << " " << key;
    }
  }
  const nlohmann::json llama = to_json(preset("llama"));
  EXPECT_EQ(llama.at("norm"), "rms_norm");
  EXPECT_EQ(llama.at("n_kv_heads"), 2);
  EXPECT_EQ(llama.at("bias"), false);
  EXPECT_EQ(llama.at("activation"), "swiglu");
  EXPECT_EQ(llama.at("positions"), "rotary");
  EXPECT_FALSE(llama.contains("cell"));
  EXPECT_EQ(to_json(preset("gru")).at("cell"), "gru");
  EXPECT_EQ(to_json(preset("gru")).at("family"), "lstm");
}

// What validate() says of a preset with a change; empty: nothing.
std::string problem_with(const char* name, const std::function<void(ModelConfig&)>& change) {
  ModelConfig config = preset(name);
  change(config);
  const Status status = validate(config);
  return status.ok() ? std::string() : status.error().what;
}

TEST(ModelConfig, Parts_OfTheOtherFamilyAreRefused) {
  EXPECT_EQ(problem_with("lstm", [](ModelConfig& c) { c.norm = NormKind::kRmsNorm; }),
            "model config: 'norm' is not a part of this family");
  EXPECT_NE(problem_with("lstm", [](ModelConfig& c) { c.bias = false; }), "");
  EXPECT_NE(problem_with("gru", [](ModelConfig& c) { c.n_kv_heads = 1; }), "");
  EXPECT_NE(problem_with("gpt2", [](ModelConfig& c) { c.cell = CellKind::kGru; }), "");
  EXPECT_EQ(problem_with("gpt2", [](ModelConfig& c) { c.n_kv_heads = 3; }),
            "model config: 'n_kv_heads' does not divide n_heads");
  EXPECT_NE(problem_with("gpt2", [](ModelConfig& c) { c.n_kv_heads = -1; }), "");
  EXPECT_NE(problem_with("gpt2", [](ModelConfig& c) { c.n_kv_heads = 8; }), "");
  EXPECT_EQ(problem_with("gpt2", [](ModelConfig& c) { c.n_kv_heads = 4; }), "");
  EXPECT_EQ(problem_with("gpt2", [](ModelConfig& c) { c.n_kv_heads = 1; }), "");
}

TEST(Presets, ChangedShapes_TakeWhatFollowsAlong) {
  const ModelConfig llama = preset("llama");  // 4 heads, 2 of them of keys
  EXPECT_EQ(changed(llama, {}), llama);
  EXPECT_EQ(changed(llama, {.n_heads = 8}).n_kv_heads, 4);
  EXPECT_EQ(changed(llama, {.n_heads = 1}).kv_heads(), 1);
  EXPECT_EQ(changed(preset("gpt2"), {.n_heads = 8}).n_kv_heads, 0);
  EXPECT_EQ(changed(preset("gpt2"), {.d_model = 96}).d_ff, 384);
  EXPECT_EQ(changed(preset("gpt2"), {.d_model = 96, .d_ff = 100}).d_ff, 100);
  EXPECT_EQ(changed(llama, {.d_model = 96}).d_ff, 256);
  EXPECT_EQ(changed(llama, {.d_model = 97 * 4}).d_ff, 1056);  // 8/3 of it is 1034.7
  EXPECT_EQ(changed(llama, {.context_length = 99, .n_layers = 7}).context_length, 99);
  EXPECT_EQ(changed(llama, {.context_length = 99, .n_layers = 7}).n_layers, 7);
}

TEST(Presets, PublishedSizesOfTransformerXl_HaveAMemoryOfAWindow) {
  for (const auto& [size, layers] : {std::pair{"remi", 12}, std::pair{"musicautobot", 16}}) {
    const ModelConfig config = preset("transformer_xl", size);
    EXPECT_EQ(config.n_layers, layers);
    EXPECT_EQ(config.d_model, 512);
    EXPECT_EQ(config.n_heads, 8);
    EXPECT_EQ(config.d_ff, 2048);
    EXPECT_EQ(config.context_length, 512);
    EXPECT_EQ(config.memory_length, 512);
  }
  const ModelConfig tiny = preset("transformer_xl");
  EXPECT_EQ(changed(tiny, {.context_length = 99}).memory_length, 99);
  EXPECT_EQ(changed(tiny, {.context_length = 99, .memory_length = 7}).memory_length, 7);
  EXPECT_EQ(changed(preset("gpt2"), {.context_length = 99}).memory_length, 0);
}

TEST(ModelConfig, Memory_SurvivesJsonAndIsOfCausalTransformersWithDistances) {
  ModelConfig config = preset("gpt2");
  EXPECT_FALSE(to_json(config).contains("memory_length"));
  EXPECT_TRUE(config.is_limited_to_context());
  EXPECT_FALSE(preset("lstm").is_limited_to_context());
  const auto without = tensor_specs(config).size();
  config.memory_length = 40;
  EXPECT_FALSE(config.is_limited_to_context());
  EXPECT_EQ(model_config_from_json(to_json(config)).value(), config);
  EXPECT_EQ(tensor_specs(config).size(), without);
  config.positions = Positions::kRelative;
  EXPECT_EQ(distance_count(config), 41);
  EXPECT_EQ(problem_with("gpt2", [](ModelConfig& c) { c.memory_length = 40, c.positions = Positions::kLearned; }),
            "model config: 'memory_length' needs positions that are relative or rotary");
  EXPECT_EQ(problem_with("bert", [](ModelConfig& c) { c.memory_length = 40; }),
            "model config: 'memory_length' is of causal models only");
  EXPECT_NE(problem_with("gpt2", [](ModelConfig& c) { c.memory_length = -1; }), "");
  EXPECT_NE(problem_with("lstm", [](ModelConfig& c) { c.memory_length = 1; }), "");
}

TEST(ModelConfig, Json_RefusesMissingForeignAndMistypedFields) {
  const nlohmann::json good = to_json(with_learned_positions("gpt2"));
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
    const bool transformer = config.family == Family::kTransformer, pre = config.norm_placement == NormPlacement::kPre;
    EXPECT_EQ(names.contains("final_norm.weight"), transformer && pre);
    EXPECT_EQ(names.contains("embedding_norm.weight"), transformer && !pre);
    EXPECT_FALSE(names.contains("output.weight"));
    EXPECT_EQ(names.contains("output.bias"), config.bias);
    ModelConfig untied = config;
    untied.tied_output = false;
    EXPECT_EQ(tensor_specs(untied).size(), names.size() + 1);
  }
}

TEST(ParameterCount, Base_EqualsTheSumByHand) {
  ModelConfig gpt2 = with_learned_positions("gpt2", "base");
  gpt2.vocab_size = 512;
  const std::int64_t layer = 1536 * 513 + 512 * 513 + 2048 * 513 + 512 * 2049 + 4 * 512;
  EXPECT_EQ(parameter_count(gpt2), 512 * 512 + 1024 * 512 + 6 * layer + 2 * 512 + 512);
  EXPECT_EQ(parameter_parts(gpt2), (ParameterParts{512 * 512 + 1024 * 512, 6 * layer, 2 * 512 + 512}));
  ModelConfig lstm = preset("lstm", "base");
  lstm.vocab_size = 256;
  lstm.tied_output = false;
  EXPECT_EQ(parameter_count(lstm), 2 * 256 * 512 + 256 + 2 * (2 * 2048 * 512 + 2048));
  EXPECT_EQ(parameter_parts(lstm), (ParameterParts{256 * 512, 2 * (2 * 2048 * 512 + 2048), 256 * 512 + 256}));
}

// The shapes that checkpoints of each name and size have, as model_config.h lists them.
TEST(Presets, Shapes_AreThoseOfTheDocumentation) {
  struct Row {
    const char* size;
    int lstm_layers, lstm_units, lstm_window;
    int layers, width, heads, context;
  };
  for (const Row& row : {Row{"tiny", 1, 128, 256, 2, 128, 4, 256}, Row{"small", 2, 256, 512, 4, 256, 4, 512},
                         Row{"base", 2, 512, 512, 6, 512, 8, 1024}}) {
    const ModelConfig lstm = preset("lstm", row.size);
    EXPECT_EQ(lstm.n_layers, row.lstm_layers);
    EXPECT_EQ(lstm.d_model, row.lstm_units);
    EXPECT_EQ(lstm.context_length, row.lstm_window);
    EXPECT_EQ(lstm.n_heads, 1);
    for (const char* name : {"gpt", "gpt2", "bert"}) {
      const ModelConfig config = preset(name, row.size);
      EXPECT_EQ(config.family, Family::kTransformer);
      EXPECT_EQ(config.n_layers, row.layers);
      EXPECT_EQ(config.d_model, row.width);
      EXPECT_EQ(config.d_ff, 4 * row.width);
      EXPECT_EQ(config.n_heads, row.heads);
      EXPECT_EQ(config.context_length, row.context);
      EXPECT_EQ(config.feed_forward, std::string(name) == "bert" ? FeedForwardKind::kGelu : FeedForwardKind::kGeluTanh);
    }
  }
}

// Each field's first and last value is allowed and the one beside it is not.
TEST(ModelConfig, Validate_HoldsEachFieldToItsRange) {
  struct Range {
    const char* field;
    int ModelConfig::*member;
    int low, high;
  };
  for (const Range& range :
       {Range{"vocab_size", &ModelConfig::vocab_size, 1, 1 << 20}, Range{"d_model", &ModelConfig::d_model, 1, 1 << 14},
        Range{"n_layers", &ModelConfig::n_layers, 1, 256},
        Range{"context_length", &ModelConfig::context_length, 1, 1 << 20},
        Range{"n_heads", &ModelConfig::n_heads, 1, 128}, Range{"d_ff", &ModelConfig::d_ff, 1, 1 << 16},
        Range{"places", &ModelConfig::places, 0, 1 << 16}, Range{"slots", &ModelConfig::slots, 0, 1 << 16}}) {
    ModelConfig config = with_learned_positions("gpt2");
    if (range.member == &ModelConfig::d_model) config.n_heads = 1;
    const auto valid_with = [&](int value) {
      config.*range.member = value;
      const Status status = validate(config);
      if (!status.ok()) {
        EXPECT_NE(status.error().what.find(range.field), std::string::npos) << status.error().what;
      }
      return status.ok();
    };
    EXPECT_TRUE(valid_with(range.low)) << range.field;
    EXPECT_TRUE(valid_with(range.high)) << range.field;
    EXPECT_FALSE(valid_with(range.low - 1)) << range.field;
    EXPECT_FALSE(valid_with(range.high + 1)) << range.field;
  }
  const auto valid_numbers = [](double norm_epsilon, double dropout) {
    ModelConfig config = preset("gpt2");
    config.norm_epsilon = norm_epsilon;
    config.dropout = dropout;
    return validate(config).ok();
  };
  EXPECT_TRUE(valid_numbers(0.1, 0.0));
  EXPECT_TRUE(valid_numbers(1e-12, 0.999));
  EXPECT_FALSE(valid_numbers(0.0, 0.1));
  EXPECT_FALSE(valid_numbers(0.101, 0.1));
  EXPECT_FALSE(valid_numbers(1e-5, -0.01));
  EXPECT_FALSE(valid_numbers(1e-5, 1.0));
}

TEST(ModelConfig, Validate_AnLstmLooksAtNoHeadsAndIsCausal) {
  ModelConfig lstm = preset("lstm");
  lstm.n_heads = 0;
  lstm.d_ff = 0;
  EXPECT_TRUE(validate(lstm).ok());
  lstm.masking = Masking::kBidirectional;
  EXPECT_FALSE(validate(lstm).ok());
  ModelConfig odd = preset("gpt2");  // heads of an even width only
  odd.positions = Positions::kRotary;
  EXPECT_TRUE(validate(odd).ok());
  odd.d_model = 12;
  EXPECT_FALSE(validate(odd).ok());
}

// Names, order and shapes are the contract with files of today: [rows, columns] for a model whose sizes all differ.
TEST(TensorSpecs, Shapes_AreThoseOfTheDocumentation) {
  const auto listed = [](const ModelConfig& config) {
    std::string text;
    for (const TensorSpec& spec : tensor_specs(config)) {
      text += spec.name;
      for (const auto extent : spec.shape) text += " " + std::to_string(extent);
      text += "\n";
    }
    return text;
  };
  ModelConfig gpt2 = with_learned_positions("gpt2");
  gpt2.d_model = 4;
  gpt2.n_layers = 1;
  gpt2.d_ff = 7;
  gpt2.context_length = 9;
  gpt2.tied_output = false;
  EXPECT_EQ(listed(gpt2),
            "token_embedding.weight 100 4\nposition_embedding.weight 9 4\n"
            "layers.0.attention.qkv.weight 12 4\nlayers.0.attention.qkv.bias 12\n"
            "layers.0.attention.proj.weight 4 4\nlayers.0.attention.proj.bias 4\n"
            "layers.0.attention_norm.weight 4\nlayers.0.attention_norm.bias 4\n"
            "layers.0.mlp.fc1.weight 7 4\nlayers.0.mlp.fc1.bias 7\n"
            "layers.0.mlp.fc2.weight 4 7\nlayers.0.mlp.fc2.bias 4\n"
            "layers.0.mlp_norm.weight 4\nlayers.0.mlp_norm.bias 4\n"
            "final_norm.weight 4\nfinal_norm.bias 4\noutput.weight 100 4\noutput.bias 100\n");
  ModelConfig lstm = preset("lstm");
  lstm.d_model = 3;
  EXPECT_EQ(listed(lstm),
            "token_embedding.weight 100 3\nlayers.0.lstm.input.weight 12 3\nlayers.0.lstm.recurrent.weight 12 3\n"
            "layers.0.lstm.bias 12\noutput.bias 100\n");
  ModelConfig llama = preset("llama");
  llama.d_model = 8;
  llama.n_layers = 1;
  llama.d_ff = 7;
  EXPECT_EQ(listed(llama),
            "token_embedding.weight 100 8\nlayers.0.attention.qkv.weight 16 8\nlayers.0.attention.proj.weight 8 8\n"
            "layers.0.attention_norm.weight 8\nlayers.0.mlp.fc1.weight 14 8\nlayers.0.mlp.fc2.weight 8 7\n"
            "layers.0.mlp_norm.weight 8\nfinal_norm.weight 8\n");
  llama.qk_norm = true;
  EXPECT_NE(listed(llama).find("layers.0.attention.qkv.weight 16 8\nlayers.0.attention.query_norm.weight 2\n"
                               "layers.0.attention.key_norm.weight 2\nlayers.0.attention.proj.weight 8 8\n"),
            std::string::npos);
  ModelConfig gru = preset("gru");
  gru.d_model = 3;
  EXPECT_EQ(listed(gru),
            "token_embedding.weight 100 3\nlayers.0.gru.input.weight 9 3\nlayers.0.gru.recurrent.weight 9 3\n"
            "layers.0.gru.bias 9\nlayers.0.gru.recurrent_bias 3\noutput.bias 100\n");
  ModelConfig attention_rnn = preset("attention_rnn");
  attention_rnn.d_model = 4;
  attention_rnn.n_layers = 2;
  EXPECT_NE(listed(attention_rnn)
                .find("layers.1.lstm.bias 16\n"
                      "layers.1.attention.qkv.weight 12 4\nlayers.1.attention.qkv.bias 12\n"
                      "layers.1.attention.proj.weight 4 4\nlayers.1.attention.proj.bias 4\n"
                      "output.bias 100\n"),
            std::string::npos);
  gpt2.positions = Positions::kRelative;
  gpt2.masking = Masking::kBidirectional;
  EXPECT_NE(listed(gpt2).find("layers.0.attention.distance.weight 17 4\n"), std::string::npos);
}

}  // namespace
}  // namespace continuo::checkpoint
