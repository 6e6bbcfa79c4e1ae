#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/kernels/isa.h"

#include "reference_model.h"
#include "synthetic_model.h"

// Models with a memory, or with attention to the last outputs: pieces far longer than what a session keeps of them.
namespace continuo::engine {
namespace {

using checkpoint::Positions;

constexpr Precision kWeights[] = {Precision::kFp32, Precision::kFp16, Precision::kBf16, Precision::kInt8};
constexpr Precision kCaches[] = {Precision::kFp32, Precision::kBf16, Precision::kInt8};
constexpr int kVocab = 53;
// A session keeps up to 37 + 320 positions: its cache moves twice.
constexpr int kMemory = 37, kPiece = 800;

checkpoint::ModelConfig config_with_memory(Positions positions, int layers = 2) {
  auto config = odd_config("transformer_xl");
  config.n_layers = layers;
  config.positions = positions;
  config.memory_length = kMemory;
  return config;
}

checkpoint::ModelConfig config_with_window() {
  auto config = odd_config("attention_rnn");
  config.attention_window = kMemory + 1;
  return config;
}

// Of each kind of attention that slides.
std::vector<std::pair<std::string, checkpoint::ModelConfig>> sliding_configs() {
  return {{"relative", config_with_memory(Positions::kRelative)},
          {"rotary", config_with_memory(Positions::kRotary)},
          {"attention_rnn", config_with_window()}};
}

std::vector<float> copy(std::span<const float> logits) { return {logits.begin(), logits.end()}; }

class MemoryOnEveryIsa : public ::testing::TestWithParam<kernels::Isa> {
 protected:
  void SetUp() override {
    before_ = kernels::active_isa();
    ASSERT_TRUE(kernels::use_isa(GetParam()));
  }
  void TearDown() override { kernels::use_isa(before_); }

  // All logits of a piece by one forward pass.
  std::vector<float> whole(const Model& model, const std::vector<TokenId>& tokens) {
    std::vector<float> all(tokens.size() * kVocab);
    model.forward(tokens, all, pool_);
    return all;
  }
  static std::vector<float> row(const std::vector<float>& all, std::size_t index) {
    return copy(std::span(all).subspan(index * kVocab, kVocab));
  }

  using Check = std::function<void(const std::shared_ptr<const Model>&, const std::string&)>;
  void for_each_kind(const Check& check) {
    for (const auto& [name, config] : sliding_configs()) {
      const SyntheticModel synthetic(config);
      for (const auto weights : kWeights) {
        for (const auto cache : kCaches) {
          check(synthetic.load(LoadOptions{.weights = weights, .cache = cache}).value(),
                name + ", " + std::string(to_string(weights)) + ", cache in " + std::string(to_string(cache)));
        }
      }
    }
  }

  ThreadPool pool_{2};

 private:
  kernels::Isa before_ = kernels::Isa::kScalar;
};

TEST_P(MemoryOnEveryIsa, ForwardOfALongPiece_EqualsTheReference) {
  for (const auto& [name, config] : sliding_configs()) {
    const SyntheticModel synthetic(config, 11);
    const auto tokens = random_tokens(150, kVocab);
    const auto expected = ReferenceModel(synthetic).forward(tokens);
    const auto logits = whole(*synthetic.load().value(), tokens);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      ASSERT_NEAR(logits[i], expected[i / kVocab][i % kVocab], 1e-4) << name << ", token " << i / kVocab;
    }
  }
}

TEST_P(MemoryOnEveryIsa, StepsChunksAndForward_AreEqualToTheBit) {
  const auto tokens = random_tokens(kPiece, kVocab);
  for_each_kind([&](const auto& model, const std::string& kind) {
    const auto all = whole(*model, tokens);
    const auto stepped = Session::start(model, pool_), chunked = Session::start(model, pool_);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      ASSERT_EQ(copy(stepped->step(tokens[i])), row(all, i)) << kind << ", token " << i;
    }
    std::size_t done = 0;
    for (const std::size_t count : {1, 100, 33, 600, 2, 64}) {
      const auto last = copy(chunked->prefill(std::span(tokens).subspan(done, count)));
      done += count;
      ASSERT_EQ(last, row(all, done - 1)) << kind << ", after " << done;
    }
    std::vector<float> read(tokens.size() * kVocab);
    const auto reader = Session::start(model, pool_);
    reader->read(tokens, read);
    EXPECT_EQ(read, all) << kind;
    EXPECT_FALSE(reader->full());
    EXPECT_EQ(reader->position(), kPiece);
    reader->reset();
    ASSERT_EQ(copy(reader->step(tokens[0])), row(all, 0)) << kind << ", begun anew";
  });
}

TEST_P(MemoryOnEveryIsa, EnsembleOfForks_EqualsSessionsAlone) {
  const auto tokens = random_tokens(kPiece, kVocab);
  const auto check = [&](const checkpoint::ModelConfig& config, Precision precision) {
    const auto model = SyntheticModel(config).load(LoadOptions{.weights = precision}).value();
    const auto ensemble = Ensemble::of(model, 3, pool_);
    std::vector<std::unique_ptr<Session>> together, alone;
    for (const std::size_t count : {5, 340, 700}) {
      const auto prefix = Session::start(model, pool_);
      prefix->prefill(std::span(tokens).first(count));
      together.push_back(prefix->fork());
      alone.push_back(Session::start(model, pool_));
      for (const TokenId token : std::span(tokens).first(count)) alone.back()->step(token);
    }
    std::vector<Session*> sessions;
    for (const auto& session : together) sessions.push_back(session.get());
    for (std::size_t i = 0; i < 400; ++i) {
      const std::vector<TokenId> next = {tokens[i], tokens[i + 1], tokens[i + 2]};
      const auto logits = copy(ensemble->step(sessions, next));
      for (std::size_t s = 0; s < 3; ++s) {
        ASSERT_EQ(row(logits, s), copy(alone[s]->step(next[s]))) << to_string(precision) << ", step " << i;
      }
    }
  };
  for (const auto precision : {Precision::kFp32, Precision::kBf16, Precision::kInt8}) {
    check(config_with_memory(Positions::kRotary), precision);
    check(config_with_window(), precision);
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, MemoryOnEveryIsa, ::testing::ValuesIn(kernels::available_isas()),
                         [](const auto& test) { return std::string(kernels::to_string(test.param)); });

// The receptive field of one layer is the memory and the token itself, and nothing before.
TEST(Memory, ATokenSeesItselfAndTheMemoryAlone) {
  ThreadPool pool(1);
  for (const auto positions : {Positions::kRelative, Positions::kRotary}) {
    const auto model = SyntheticModel(config_with_memory(positions, 1)).load().value();
    auto tokens = random_tokens(100, kVocab);
    std::vector<float> before(100 * kVocab), after(100 * kVocab);
    model->forward(tokens, before, pool);
    tokens[10] = (tokens[10] + 1) % kVocab;
    model->forward(tokens, after, pool);
    for (std::size_t t = 0; t < 100; ++t) {
      const bool same =
          std::equal(before.begin() + t * kVocab, before.begin() + (t + 1) * kVocab, after.begin() + t * kVocab);
      EXPECT_EQ(same, t < 10 || t > 10 + kMemory) << t;
    }
  }
}

TEST(Memory, Reset_BeginsAnew) {
  ThreadPool pool(1);
  const auto model = SyntheticModel(config_with_memory(Positions::kRotary)).load().value();
  const auto session = Session::start(model, pool);
  const auto tokens = random_tokens(kPiece, kVocab);
  const auto first = copy(session->prefill(std::span(tokens).first(50)));
  session->prefill(tokens);
  session->reset();
  EXPECT_EQ(copy(session->prefill(std::span(tokens).first(50))), first);
}

}  // namespace
}  // namespace continuo::engine
