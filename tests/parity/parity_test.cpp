#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <ostream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "continuo/base/rng.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/engine/model.h"
#include "continuo/engine/quantize.h"
#include "continuo/kernels/isa.h"
#include "continuo/neural/export.h"

// The trainer's libtorch and the engine compute the same logits from the same file, for every preset.
namespace continuo {
namespace {

// fp32 on both sides: the sums run in other orders. Stated in docs/formats/checkpoint.md and libs/engine/README.md.
constexpr float kTolerance = 2e-4f;
constexpr int kVocabulary = 97;  // no multiple of any vector's width

// Weights are rounded on both sides. int8 also rounds the left side of products, to 16 bits, and so does a CPU that
// multiplies bf16 itself, to bf16. Units: shares of the largest logit.
float tolerance_of(engine::Precision precision) {
  if (precision == engine::Precision::kInt8) return 5e-3f;
  const auto isa = kernels::active_isa();
  const bool multiplies_bf16 = isa == kernels::Isa::kAvx512Bf16 || isa == kernels::Isa::kAmx;
  return precision == engine::Precision::kBf16 && multiplies_bf16 ? 0.06f : kTolerance;  // measured: up to 0.0502
}

struct Case {
  std::string preset;
  bool tied;
  int tokens;
  engine::Precision precision = engine::Precision::kFp32;
  std::optional<checkpoint::Positions> positions = {};  // empty: the preset's
  bool qk_norm = false;
  int memory_length = 0;  // 0: the preset's
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.preset << ", " << c.tokens << " tokens"; }
};

std::string parts_name(const Case& c) {
  return (c.positions ? std::string(checkpoint::to_string(*c.positions)) + "_" : std::string()) +
         (c.qk_norm ? "qk_norm_" : "") + (c.memory_length > 0 ? "memory_" + std::to_string(c.memory_length) + "_" : "");
}
std::string preset_file(const Case& c) { return c.preset + std::to_string(c.tied) + parts_name(c); }

// Largest difference, as a share of the largest logit.
float distance(std::span<const float> a, std::span<const float> b) {
  float difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    size = std::max(size, std::abs(b[i]));
  }
  return difference / size;
}

class Parity : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    auto config = checkpoint::preset_config(GetParam().preset, "tiny");
    ASSERT_TRUE(config.ok());
    config->vocab_size = kVocabulary;
    config->tied_output = GetParam().tied;
    if (GetParam().positions) config->positions = *GetParam().positions;
    config->qk_norm = GetParam().qk_norm;
    if (GetParam().memory_length > 0) config->memory_length = GetParam().memory_length;
    const auto path = std::filesystem::path(testing::TempDir()) /
                      ("parity-" + preset_file(GetParam()) + std::to_string(getpid()) + ".safetensors");
    const auto written = neural::write_random_checkpoint(path, *config, {{"name", "none"}}, 11, 0.2);
    ASSERT_TRUE(written.ok()) << written.error().to_line();
    if (GetParam().precision != engine::Precision::kFp32) round_weights(path);
    auto opened = checkpoint::Checkpoint::open(path);
    ASSERT_TRUE(opened.ok()) << opened.error().to_line();
    std::filesystem::remove(path);
    auto reference = neural::reference_logits(*opened, tokens());
    ASSERT_TRUE(reference.ok()) << reference.error().to_line();
    reference_ = *reference;
    auto model = engine::Model::load(*opened, {.weights = GetParam().precision, .cache = engine::Precision::kFp32});
    ASSERT_TRUE(model.ok()) << model.error().to_line();
    model_ = *model;
  }

  // Replaces a file of F32 by one of the same type whose matrices hold what the precision of the case can.
  static void round_weights(const std::filesystem::path& path) {
    for (const auto precision : {GetParam().precision, engine::Precision::kFp32}) {
      const auto opened = checkpoint::Checkpoint::open(path);
      ASSERT_TRUE(opened.ok());
      ASSERT_TRUE(engine::write_quantized(*opened, precision, path).ok());
    }
  }

  static std::vector<TokenId> tokens() {
    Rng rng(5);
    std::vector<TokenId> ids(static_cast<std::size_t>(GetParam().tokens));
    for (auto& id : ids) id = static_cast<TokenId>(rng.below(kVocabulary));
    return ids;
  }

  std::shared_ptr<const engine::Model> model_;
  std::vector<float> reference_;
};

TEST_P(Parity, WholeSequenceLogitsAgree) {
  ThreadPool threads(2);
  std::vector<float> logits(reference_.size());
  model_->forward(tokens(), logits, threads);
  EXPECT_LT(distance(logits, reference_), tolerance_of(GetParam().precision));
}

TEST_P(Parity, StepByStepLogitsAgree) {
  if (model_->config().masking != checkpoint::Masking::kCausal) {
    GTEST_SKIP() << "a bidirectional model has no steps";
  }
  ThreadPool threads(1);
  const auto session = engine::Session::start(model_, threads);
  const auto ids = tokens();
  const std::size_t primed = ids.size() / 2 + 1;
  const auto row = [&](std::size_t i) { return std::span(reference_).subspan(i * kVocabulary, kVocabulary); };
  EXPECT_LT(distance(session->prefill(std::span(ids).first(primed)), row(primed - 1)),
            tolerance_of(GetParam().precision));
  for (std::size_t i = primed; i < ids.size(); ++i) {
    EXPECT_LT(distance(session->step(ids[i]), row(i)), tolerance_of(GetParam().precision)) << "position " << i;
  }
}

// Each part alone in both placements of norms: a preset has some of them only together.
TEST(ParityOfParts, EachPartAlone) {
  using checkpoint::ModelConfig;
  using Change = void (*)(ModelConfig&);
  const std::pair<const char*, Change> changes[] = {
      {"rms_norm", [](ModelConfig& c) { c.norm = checkpoint::NormKind::kRmsNorm; }},
      {"swiglu", [](ModelConfig& c) { c.feed_forward = checkpoint::FeedForwardKind::kSwiGlu; }},
      {"gelu", [](ModelConfig& c) { c.feed_forward = checkpoint::FeedForwardKind::kGelu; }},
      {"relu2", [](ModelConfig& c) { c.feed_forward = checkpoint::FeedForwardKind::kRelu2; }},
      {"one kv head", [](ModelConfig& c) { c.n_kv_heads = 1; }},
      {"two kv heads", [](ModelConfig& c) { c.n_kv_heads = 2; }},
      {"qk_norm", [](ModelConfig& c) { c.qk_norm = true; }},
      {"qk_norm of one kv head", [](ModelConfig& c) { c.qk_norm = true, c.n_kv_heads = 1; }},
      {"no bias", [](ModelConfig& c) { c.bias = false; }},
      {"attention window", [](ModelConfig& c) { c.attention_window = 9, c.n_heads = 4; }},
      {"musical places", [](ModelConfig& c) { c.places = 16, c.slots = 4; }}};
  Rng rng(5);
  std::vector<TokenId> ids(40);
  for (auto& id : ids) id = static_cast<TokenId>(rng.below(kVocabulary));
  std::vector<MusicalPlace> places(ids.size());
  for (auto& place : places) {
    place = {static_cast<std::uint16_t>(rng.below(16)), static_cast<std::uint16_t>(rng.below(4))};
  }
  for (const char* preset : {"gpt", "gpt2", "bert", "lstm", "gru"}) {
    for (const auto& [name, change] : changes) {
      auto config = checkpoint::preset_config(preset, "tiny").value();
      config.vocab_size = kVocabulary;
      change(config);
      if (!checkpoint::validate(config).ok()) continue;  // a part that this family does not have
      const auto path = std::filesystem::path(testing::TempDir()) / ("part-" + std::to_string(getpid()));
      ASSERT_TRUE(neural::write_random_checkpoint(path, config, {{"name", "none"}}, 11, 0.2).ok());
      const auto opened = checkpoint::Checkpoint::open(path);
      std::filesystem::remove(path);
      ASSERT_TRUE(opened.ok()) << opened.error().to_line();
      const auto reference = neural::reference_logits(*opened, ids, places).value();
      const auto model = engine::Model::load(*opened);
      ASSERT_TRUE(model.ok()) << model.error().to_line();
      std::vector<float> logits(reference.size());
      ThreadPool threads(2);
      (*model)->forward({ids, places}, logits, threads);
      EXPECT_LT(distance(logits, reference), kTolerance) << preset << ", " << name;
    }
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto name : checkpoint::model_names()) {
    for (const int tokens : {1, 2, 17, 255}) {
      all.push_back({std::string(name), true, tokens});
      all.push_back({std::string(name), false, tokens});
    }
    using engine::Precision, checkpoint::Positions;
    for (const auto precision : {Precision::kFp16, Precision::kBf16, Precision::kInt8}) {
      all.push_back({std::string(name), true, 100, precision});
    }
    if (*checkpoint::family_of(name) == checkpoint::Family::kRecurrent) continue;
    const bool remembers = checkpoint::preset_config(name, "tiny")->memory_length > 0;
    for (const auto positions : {Positions::kLearned, Positions::kRelative, Positions::kRotary}) {
      if (remembers && positions == Positions::kLearned) continue;
      all.push_back({std::string(name), true, 100, Precision::kFp32, positions});
      all.push_back({std::string(name), true, 100, Precision::kFp32, positions, true});
    }
    for (const auto precision : {Precision::kFp16, Precision::kBf16, Precision::kInt8}) {
      all.push_back({std::string(name), true, 100, precision, {}, true});
    }
  }
  return all;
}

// Pieces far longer than the context and the memory together, which the engine's session keeps only the end of.
std::vector<Case> cases_with_memory() {
  using engine::Precision, checkpoint::Positions;
  std::vector<Case> all;
  for (const std::string preset : {"transformer_xl", "llama", "gpt"}) {
    for (const auto positions : {Positions::kRelative, Positions::kRotary}) {
      for (const auto precision : {Precision::kFp32, Precision::kFp16, Precision::kBf16, Precision::kInt8}) {
        all.push_back({preset, true, 1200, precision, positions, false, 37});
      }
      all.push_back({preset, true, 700, Precision::kFp32, positions, true, 64});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(WithMemory, Parity, testing::ValuesIn(cases_with_memory()), [](const auto& which) {
  const Case& c = which.param;
  return c.preset + "_" + parts_name(c) + std::string(to_string(c.precision)) + "_" + std::to_string(c.tokens) +
         "_tokens";
});

INSTANTIATE_TEST_SUITE_P(Presets, Parity, testing::ValuesIn(cases()), [](const auto& which) {
  const Case& c = which.param;
  return c.preset + (c.tied ? "_tied_" : "_untied_") + parts_name(c) + std::string(to_string(c.precision)) + "_" +
         std::to_string(c.tokens) + "_tokens";
});

}  // namespace
}  // namespace continuo
