#include <gtest/gtest.h>

#include "continuo/kernels/isa.h"

#include "reference_model.h"
#include "synthetic_model.h"

namespace continuo::engine {
namespace {

// What logits may be away from a double-precision network with fp32 weights, by the precision of weights and cache. The
// first is what the engine states for fp32. Units: absolute; the logits here are of the order of 1.
double tolerance(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return 1e-4;
    case Precision::kFp16:
      return 0.02;
    case Precision::kBf16:
      return 0.05;
    case Precision::kInt8:
      break;
  }
  return 0.1;
}

struct Case {
  std::string name;
  bool tied = true;
  bool other_activation = false;
  checkpoint::Positions positions = checkpoint::Positions::kLearned;
  Precision precision = Precision::kFp32;
  kernels::Isa isa = kernels::Isa::kScalar;
  bool qk_norm = false;
};

std::vector<Case> cases_of(const std::vector<std::string>& names) {
  using checkpoint::Positions;
  std::vector<Case> cases;
  for (const auto isa : kernels::available_isas()) {
    for (const auto& name : names) {
      cases.push_back({name, true, false, Positions::kLearned, Precision::kFp32, isa});
      cases.push_back({name, false, true, Positions::kLearned, Precision::kFp32, isa});
      for (const auto precision : {Precision::kFp16, Precision::kBf16, Precision::kInt8}) {
        cases.push_back({name, true, false, Positions::kLearned, precision, isa});
      }
      if (*checkpoint::family_of(name) == checkpoint::Family::kRecurrent) continue;
      for (const auto positions : {Positions::kRelative, Positions::kRotary}) {
        cases.push_back({name, true, false, positions, Precision::kFp32, isa});
        cases.push_back({name, true, false, positions, Precision::kInt8, isa});
      }
      for (const auto positions : {Positions::kLearned, Positions::kRelative, Positions::kRotary}) {
        cases.push_back({name, true, false, positions, Precision::kFp32, isa, true});
      }
      for (const auto precision : {Precision::kFp16, Precision::kBf16, Precision::kInt8}) {
        cases.push_back({name, true, false, Positions::kRotary, precision, isa, true});
      }
    }
  }
  return cases;
}

class EngineParity : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    before_ = kernels::active_isa();
    ASSERT_TRUE(kernels::use_isa(GetParam().isa));
    auto config = odd_config(GetParam().name);
    if (config.masking == checkpoint::Masking::kCausal) config = with_places(config);
    config.tied_output = GetParam().tied;
    config.positions = GetParam().positions;
    config.qk_norm = GetParam().qk_norm;
    if (config.positions == checkpoint::Positions::kRotary) {
      config.d_model = 40;
      config.n_heads = 4;
    }
    if (GetParam().other_activation) {
      using checkpoint::FeedForwardKind;
      const bool exact = config.feed_forward == FeedForwardKind::kGelu;
      config.feed_forward = exact ? FeedForwardKind::kGeluTanh : FeedForwardKind::kGelu;
    }
    synthetic_ = std::make_unique<SyntheticModel>(config, 11);
    auto model = synthetic_->load({.weights = GetParam().precision});
    ASSERT_TRUE(model.ok()) << model.error().to_line();
    model_ = *model;
    tokens_ = random_tokens(static_cast<std::size_t>(config.context_length), config.vocab_size);
    if (config.has_musical_places()) places_ = random_places(tokens_.size(), config);
    expected_ = ReferenceModel(*synthetic_).forward(tokens_, places_);
  }
  void TearDown() override { kernels::use_isa(before_); }

  // The rounding of gates multiplies that of values: measured up to 1.45 times the bound of the others. tests/parity
  // holds both sides to the same rounded weights, and there gated models need no more than others.
  double bound() const {
    const bool gated = checkpoint::traits_of(model_->config().feed_forward).gated;
    return tolerance(GetParam().precision) * (gated && GetParam().precision != Precision::kFp32 ? 2 : 1);
  }

  void expect_row(std::span<const float> logits, std::size_t row) const {
    ASSERT_EQ(logits.size(), expected_[row].size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
      ASSERT_NEAR(logits[i], expected_[row][i], bound()) << "token " << row << ", logit " << i;
    }
  }

  kernels::Isa before_ = kernels::Isa::kScalar;
  std::unique_ptr<SyntheticModel> synthetic_;
  std::shared_ptr<const Model> model_;
  std::vector<TokenId> tokens_;
  std::vector<MusicalPlace> places_;  // of causal models
  ReferenceModel::Matrix expected_;
  ThreadPool pool_{2};
};

TEST_P(EngineParity, Forward_EqualsTheReference) {
  const auto vocab = static_cast<std::size_t>(model_->config().vocab_size);
  std::vector<float> logits(tokens_.size() * vocab);
  model_->forward({tokens_, places_}, logits, pool_);
  for (std::size_t t = 0; t < tokens_.size(); ++t) expect_row(std::span(logits).subspan(t * vocab, vocab), t);
}

TEST_P(EngineParity, ForwardOfOneToken_EqualsTheReference) {
  const std::vector<TokenId> one = {tokens_[0]};
  const auto exact = ReferenceModel(*synthetic_).forward(one);  // at the first place
  std::vector<float> logits(exact[0].size());
  model_->forward(one, logits, pool_);
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], exact[0][i], bound());
}

// Models that have steps: the causal ones.
class SessionParity : public EngineParity {};

TEST_P(SessionParity, StepByStep_EqualsTheReference) {
  const auto session = Session::start(model_, pool_);
  for (std::size_t t = 0; t < tokens_.size(); ++t) expect_row(session->step(tokens_[t], places_[t]), t);
}

TEST_P(SessionParity, PrefillThenSteps_EqualsTheReference) {
  const auto session = Session::start(model_, pool_);
  const Input input(tokens_, places_);
  expect_row(session->prefill(input.part(0, 1)), 0);
  expect_row(session->prefill(input.part(1, 40)), 40);
  expect_row(session->step(tokens_[41], places_[41]), 41);
  expect_row(session->prefill(input.part(42, 13)), 54);
  for (std::size_t t = 55; t < tokens_.size(); ++t) expect_row(session->step(tokens_[t], places_[t]), t);
}

std::string case_name(const ::testing::TestParamInfo<Case>& test) {
  const Case& c = test.param;
  const std::string positions = c.positions == checkpoint::Positions::kRelative ? "_relative"
                                : c.positions == checkpoint::Positions::kRotary ? "_rotary"
                                                                                : "";
  return c.name + (c.tied ? "_tied" : "_untied") + positions + (c.qk_norm ? "_qk_norm_" : "_") +
         std::string(to_string(c.precision)) + "_" + std::string(to_string(c.isa));
}

INSTANTIATE_TEST_SUITE_P(Models, EngineParity,
                         ::testing::ValuesIn(cases_of({"lstm", "gru", "attention_rnn", "gpt", "gpt2",
                                                       "music_transformer", "llama", "bert"})),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Models, SessionParity,
                         ::testing::ValuesIn(cases_of({"lstm", "gru", "attention_rnn", "gpt", "gpt2",
                                                       "music_transformer", "llama"})),
                         case_name);

// Every part alone and in the other placement of norms, so that no part works in one company only.
TEST(EngineParts, EachPartAlone_EqualsTheReference) {
  using Change = void (*)(checkpoint::ModelConfig&);
  const std::pair<const char*, Change> changes[] = {
      {"rms_norm", [](checkpoint::ModelConfig& c) { c.norm = checkpoint::NormKind::kRmsNorm; }},
      {"swiglu", [](checkpoint::ModelConfig& c) { c.feed_forward = checkpoint::FeedForwardKind::kSwiGlu; }},
      {"relu2", [](checkpoint::ModelConfig& c) { c.feed_forward = checkpoint::FeedForwardKind::kRelu2; }},
      {"one kv head", [](checkpoint::ModelConfig& c) { c.n_kv_heads = 1; }},
      {"qk_norm", [](checkpoint::ModelConfig& c) { c.qk_norm = true; }},
      {"qk_norm of one kv head", [](checkpoint::ModelConfig& c) { c.qk_norm = true, c.n_kv_heads = 1; }},
      {"no bias", [](checkpoint::ModelConfig& c) { c.bias = false; }},
      {"no bias, untied", [](checkpoint::ModelConfig& c) { c.bias = c.tied_output = false; }}};
  ThreadPool pool(2);
  for (const std::string preset : {"gpt", "gpt2"}) {
    for (const auto& [name, change] : changes) {
      auto config = odd_config(preset);
      change(config);
      const SyntheticModel synthetic(config, 11);
      const auto model = synthetic.load();
      ASSERT_TRUE(model.ok()) << model.error().to_line();
      const auto tokens = random_tokens(20, config.vocab_size);
      const auto expected = ReferenceModel(synthetic).forward(tokens);
      const auto session = Session::start(*model, pool);
      for (std::size_t t = 0; t < tokens.size(); ++t) {
        const auto logits = session->step(tokens[t]);
        for (std::size_t i = 0; i < logits.size(); ++i) {
          ASSERT_NEAR(logits[i], expected[t][i], tolerance(Precision::kFp32)) << preset << ", " << name;
        }
      }
    }
  }
}

// Prefill and forward cut long inputs into chunks.
TEST(EngineParityOfLongInput, Chunks_EqualSteps) {
  for (const std::string name : {"lstm", "gru", "attention_rnn", "gpt", "gpt2", "llama"}) {
    auto config = odd_config(name);
    config.context_length = 600;
    const SyntheticModel synthetic(config);
    const auto model = synthetic.load().value();
    const auto tokens = random_tokens(600, config.vocab_size);
    ThreadPool pool(2);
    const auto whole = Session::start(model, pool);
    const auto stepped = Session::start(model, pool);
    std::span<const float> last;
    for (const TokenId token : tokens) last = stepped->step(token);
    const auto logits = whole->prefill(tokens);
    std::vector<float> all(600 * logits.size());
    model->forward(tokens, all, pool);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      EXPECT_NEAR(logits[i], last[i], tolerance(Precision::kFp32)) << name;
      EXPECT_NEAR(all[599 * logits.size() + i], last[i], tolerance(Precision::kFp32)) << name;
    }
  }
}

}  // namespace
}  // namespace continuo::engine
