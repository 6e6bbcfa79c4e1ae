#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "continuo/kernels/isa.h"

#include "synthetic_model.h"

namespace continuo::engine {
namespace {

std::vector<float> copy(std::span<const float> logits) { return {logits.begin(), logits.end()}; }

// All logits of a piece that is prefilled and then continued greedily, with this many threads.
std::vector<std::vector<float>> play(const std::shared_ptr<const Model>& model, int threads, int steps) {
  ThreadPool pool(threads);
  const auto session = Session::start(model, pool);
  std::vector<std::vector<float>> heard;
  heard.push_back(copy(session->prefill(random_tokens(33, model->config().vocab_size))));
  for (int i = 0; i < steps; ++i) {
    const auto& last = heard.back();
    const auto best = std::max_element(last.begin(), last.end()) - last.begin();
    heard.push_back(copy(session->step(static_cast<TokenId>(best))));
  }
  return heard;
}

TEST(Session, AnyNumberOfThreads_IsEqualToTheBit) {
  for (const auto name :
       {"lstm", "gru", "attention_rnn", "gpt", "gpt2", "music_transformer", "llama", "transformer_xl"}) {
    for (const auto& config : {wide_config(name), odd_config(name)}) {
      const auto model = SyntheticModel(config).load().value();
      const auto alone = play(model, 1, 12);
      for (const int threads : {2, 3, 7}) EXPECT_EQ(alone, play(model, threads, 12)) << name << " " << threads;
    }
  }
}

TEST(Session, WithQkNormOnAnyNumberOfThreads_IsEqualToTheBit) {
  for (auto config : {wide_config("llama"), odd_config("gpt2")}) {
    config.qk_norm = true;
    const auto model = SyntheticModel(config).load().value();
    const auto alone = play(model, 1, 12);
    for (const int threads : {2, 3, 7}) EXPECT_EQ(alone, play(model, threads, 12)) << config.preset << " " << threads;
  }
}

TEST(Model, ForwardOnAnyNumberOfThreads_IsEqualToTheBit) {
  for (const auto name : checkpoint::model_names()) {
    const auto model = SyntheticModel(wide_config(name)).load().value();
    const auto tokens = random_tokens(80, 130);
    std::vector<float> alone(80 * 130);
    ThreadPool one(1);
    model->forward(tokens, alone, one);
    for (const int threads : {2, 3, 7}) {
      std::vector<float> together(alone.size());
      ThreadPool pool(threads);
      model->forward(tokens, together, pool);
      EXPECT_EQ(alone, together) << name << " " << threads;
    }
  }
}

// Runs its tests once for each instruction set of this CPU. Models are packed for the one that is in use.
class SessionOnEveryIsa : public ::testing::TestWithParam<kernels::Isa> {
 protected:
  void SetUp() override {
    before_ = kernels::active_isa();
    ASSERT_TRUE(kernels::use_isa(GetParam()));
  }
  void TearDown() override { kernels::use_isa(before_); }

 private:
  kernels::Isa before_ = kernels::Isa::kScalar;
};
class EnsembleOnEveryIsa : public SessionOnEveryIsa {};

constexpr Precision kWeights[] = {Precision::kFp32, Precision::kFp16, Precision::kBf16, Precision::kInt8};
constexpr std::optional<Precision> kCaches[] = {Precision::kFp32, Precision::kBf16, Precision::kInt8};
constexpr std::optional<Precision> kUsualCache[] = {std::nullopt};

using CheckModel = std::function<void(const std::shared_ptr<const Model>&, const std::string&)>;

// The same weights in each precision, and with each of the caches.
void check_precisions(const checkpoint::ModelConfig& config, std::span<const std::optional<Precision>> caches,
                      const std::string& kind, const CheckModel& check) {
  const SyntheticModel synthetic(config);
  for (const auto weights : kWeights) {
    for (const auto cache : caches) {
      const std::string suffix = cache ? ", cache in " + std::string(to_string(*cache)) : "";
      check(synthetic.load({.weights = weights, .cache = cache}).value(),
            kind + " in " + std::string(to_string(weights)) + suffix);
    }
  }
}

// Plain C++ is too slow for wide models.
bool is_plain() { return kernels::active_isa() == kernels::Isa::kScalar; }

// A Transformer with each kind of positions.
void for_each_transformer(const std::string& preset, bool qk_norm, const CheckModel& check) {
  using checkpoint::Positions;
  const std::string kind = preset + (qk_norm ? " with qk_norm" : "");
  for (const auto positions : {Positions::kLearned, Positions::kRelative, Positions::kRotary}) {
    auto config = wide_config(preset);
    config.positions = positions;
    config.qk_norm = qk_norm;
    if (!is_plain()) check_precisions(config, kUsualCache, kind, check);
    config = odd_config(preset);
    config.d_model = 10 * config.n_heads;
    config.positions = positions;
    config.qk_norm = qk_norm;
    check_precisions(config, kCaches, kind, check);
  }
}

// The models that have steps.
void for_each_kind(const CheckModel& check) {
  for (const std::string name : {"lstm", "gru"}) {
    check_precisions(is_plain() ? odd_config(name) : wide_config(name), kUsualCache, name, check);
  }
  if (!is_plain()) check_precisions(wide_config("attention_rnn"), kUsualCache, "attention_rnn", check);
  check_precisions(odd_config("attention_rnn"), kCaches, "attention_rnn", check);
  for (const std::string name : {"gpt", "gpt2", "llama"}) for_each_transformer(name, false, check);
  for_each_transformer("llama", true, check);
}

// Steps, a prefill and a forward pass over the same tokens.
void expect_same_bits(const std::shared_ptr<const Model>& model, std::size_t count, ThreadPool& pool,
                      const std::string& kind) {
  const auto vocab = static_cast<std::size_t>(model->config().vocab_size);
  const auto tokens = random_tokens(count, model->config().vocab_size);
  std::vector<float> all(count * vocab);
  model->forward(tokens, all, pool);
  const auto stepped = Session::start(model, pool), filled = Session::start(model, pool);
  std::span<const float> last;
  for (const TokenId token : tokens) last = stepped->step(token);
  const auto expected = copy(std::span(all).subspan((count - 1) * vocab));
  EXPECT_EQ(copy(last), expected) << kind;
  EXPECT_EQ(copy(filled->prefill(tokens)), expected) << kind;
}

TEST_P(SessionOnEveryIsa, StepsPrefillAndForward_AreEqualToTheBit) {
  ThreadPool pool(2);
  for_each_kind([&](const auto& model, const std::string& kind) { expect_same_bits(model, 70, pool, kind); });
}

TEST_P(SessionOnEveryIsa, StepsPrefillAndForward_AreEqualToTheBitInLongContexts) {
  ThreadPool pool(2);
  auto config = odd_config("gpt2");
  config.n_layers = 1;
  config.context_length = 700;
  check_precisions(config, kCaches, "gpt2",
                   [&](const auto& model, const std::string& kind) { expect_same_bits(model, 650, pool, kind); });
}

TEST_P(SessionOnEveryIsa, Fork_ContinuesAsIfItHadReadThePrefixItself) {
  ThreadPool pool(2);
  for_each_kind([&](const auto& model, const std::string& kind) {
    const int vocab = model->config().vocab_size;
    const auto tokens = random_tokens(40, vocab);
    const auto session = Session::start(model, pool);
    session->prefill(tokens);
    const auto fork = session->fork();
    EXPECT_EQ(fork->position(), 40);
    const auto fresh = Session::start(model, pool);
    fresh->prefill(tokens);
    for (TokenId token = 0; token < 10; ++token) {
      session->step(vocab - 1 - token);
      EXPECT_EQ(copy(fork->step(token)), copy(fresh->step(token))) << kind;
    }
  });
}

// Sessions of different lengths that come and go, in an ensemble and each for itself.
TEST_P(EnsembleOnEveryIsa, EqualsSessionsAlone_ToTheBit) {
  ThreadPool pool(2);
  for_each_kind([&](const auto& model, const std::string& kind) {
    const auto vocab = static_cast<std::size_t>(model->config().vocab_size);
    const auto ensemble = Ensemble::of(model, 5, pool);
    std::vector<std::unique_ptr<Session>> together, alone;
    for (std::size_t i = 0; i < 5; ++i) {
      for (auto* sessions : {&together, &alone}) {
        sessions->push_back(Session::start(model, pool));
        if (i > 0) sessions->back()->prefill(random_tokens(7 * i, model->config().vocab_size, i));
      }
    }
    for (std::size_t round = 0; round < 12; ++round) {
      std::vector<Session*> present;
      std::vector<TokenId> tokens;
      std::vector<std::vector<float>> expected;
      for (std::size_t i = 0; i < 5; ++i) {
        if ((round + i) % 3 == 0 || (round == 4 && i != 2)) continue;
        present.push_back(together[i].get());
        tokens.push_back(static_cast<TokenId>((round * 13 + i * 5) % vocab));
        expected.push_back(copy(alone[i]->step(tokens.back())));
      }
      const auto logits = ensemble->step(present, tokens);
      ASSERT_EQ(logits.size(), present.size() * vocab);
      for (std::size_t i = 0; i < present.size(); ++i) {
        ASSERT_EQ(copy(logits.subspan(i * vocab, vocab)), expected[i]) << kind << ", round " << round;
      }
    }
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(together[i]->position(), alone[i]->position());
  });
}

// The places of a token are its own, however it comes; and they matter.
TEST_P(SessionOnEveryIsa, MusicalPlaces_AreReadWithTheirTokens) {
  ThreadPool pool(2);
  for (const auto name :
       {"lstm", "gru", "attention_rnn", "gpt", "gpt2", "music_transformer", "llama", "transformer_xl"}) {
    const auto model = SyntheticModel(with_places(odd_config(name))).load().value();
    const auto tokens = random_tokens(60, 53);
    const auto places = random_places(60, model->config());
    std::vector<float> all(60 * 53), first(60 * 53);
    model->forward({tokens, places}, all, pool);
    model->forward(tokens, first, pool);
    EXPECT_NE(all, first) << name;
    const auto expected = copy(std::span(all).subspan(59 * 53));
    const auto stepped = Session::start(model, pool), filled = Session::start(model, pool);
    const auto halves = Session::start(model, pool);
    std::span<const float> last;
    for (std::size_t i = 0; i < 60; ++i) last = stepped->step(tokens[i], places[i]);
    EXPECT_EQ(copy(last), expected) << name;
    EXPECT_EQ(copy(filled->prefill({tokens, places})), expected) << name;
    const Input input(tokens, places);
    halves->prefill(input.part(0, 59));
    const auto fork = halves->fork();
    EXPECT_EQ(copy(halves->prefill(input.part(59, 1))), expected) << name;
    const auto ensemble = Ensemble::of(model, 2, pool);
    const auto other = Session::start(model, pool);
    Session* both[] = {other.get(), fork.get()};
    const std::vector<TokenId> pair = {5, tokens[59]};
    const std::vector<MusicalPlace> pair_places = {{12, 2}, places[59]};
    EXPECT_EQ(copy(ensemble->step(both, {pair, pair_places}).subspan(53)), expected) << name;
  }
}

TEST(Session, Reset_ForgetsEverything) {
  ThreadPool pool(2);
  for (const auto name :
       {"lstm", "gru", "attention_rnn", "gpt", "gpt2", "music_transformer", "llama", "transformer_xl"}) {
    const auto model = SyntheticModel(odd_config(name)).load().value();
    const auto session = Session::start(model, pool);
    const auto tokens = random_tokens(40, 53);
    const auto first = copy(session->prefill(tokens));
    session->step(3);
    session->reset();
    EXPECT_EQ(session->position(), 0);
    EXPECT_EQ(first, copy(session->prefill(tokens))) << name;
  }
}

TEST(Session, TwoOnOneModel_DoNotMeet) {
  ThreadPool pool(2);
  for (const auto name :
       {"lstm", "gru", "attention_rnn", "gpt", "gpt2", "music_transformer", "llama", "transformer_xl"}) {
    const auto model = SyntheticModel(odd_config(name)).load().value();
    const auto alone = Session::start(model, pool);
    const auto a = Session::start(model, pool);
    const auto b = Session::start(model, pool);
    for (TokenId token = 0; token < 20; ++token) {
      const auto expected = copy(alone->step(token));
      const auto heard = copy(a->step(token));
      b->step(52 - token);
      EXPECT_EQ(expected, heard) << name;
    }
  }
}

TEST(Session, Transformer_IsFullAtItsContextLength) {
  ThreadPool pool(1);
  const auto model = SyntheticModel(odd_config("gpt2")).load().value();
  const auto session = Session::start(model, pool);
  session->prefill(random_tokens(69, 53));
  EXPECT_EQ(session->position(), 69);
  EXPECT_FALSE(session->full());
  session->step(1);
  EXPECT_TRUE(session->full());
  session->reset();
  EXPECT_FALSE(session->full());
  session->prefill(random_tokens(70, 53));
  EXPECT_TRUE(session->full());
}

TEST(Session, RecurrentModels_GoBeyondTheirTrainingWindow) {
  ThreadPool pool(1);
  for (const auto name : {"lstm", "attention_rnn"}) {
    const auto model = SyntheticModel(odd_config(name)).load().value();
    const auto session = Session::start(model, pool);
    session->prefill(random_tokens(300, 53));
    for (int i = 0; i < 100; ++i) session->step(i % 53);
    EXPECT_EQ(session->position(), 400) << name;
    EXPECT_FALSE(session->full()) << name;
  }
}

// Attention looks back as far as the window and no farther: without the recurrence, which reaches any distance, what an
// output depends on is its own token and those of the window before it.
TEST(Session, AttentionOfARecurrentModel_EndsWithItsWindow) {
  ThreadPool pool(1);
  SyntheticModel synthetic(odd_config("attention_rnn"));
  const auto window = static_cast<std::size_t>(synthetic.config().attention_window);
  const auto units = static_cast<std::ptrdiff_t>(synthetic.config().d_model);
  for (auto& [name, weights] : synthetic.weights()) {
    if (name.ends_with("lstm.recurrent.weight")) std::fill(weights.begin(), weights.end(), 0.0F);
    // A forget gate that is shut: the cell keeps nothing.
    if (name.ends_with("lstm.bias")) std::fill_n(weights.begin() + units, units, -1e9F);
  }
  const auto model = synthetic.load().value();
  auto tokens = random_tokens(40, 53);
  std::vector<float> before(40 * 53), after(40 * 53);
  model->forward(tokens, before, pool);
  tokens[20] = (tokens[20] + 1) % 53;
  model->forward(tokens, after, pool);
  for (std::size_t t = 0; t < 40; ++t) {
    const auto at = static_cast<std::ptrdiff_t>(t * 53);
    const bool same = std::equal(before.begin() + at, before.begin() + at + 53, after.begin() + at);
    EXPECT_EQ(same, t < 20 || t >= 20 + window) << t;
  }
}

TEST(Session, OutlivesTheModelsOtherOwners) {
  ThreadPool pool(1);
  auto model = SyntheticModel(odd_config("gpt2")).load().value();
  const auto session = Session::start(model, pool);
  const auto before = copy(session->step(4));
  model.reset();
  session->reset();
  EXPECT_EQ(before, copy(session->step(4)));
}

TEST(Session, BidirectionalModel_HasNone) {
  ThreadPool pool(1);
  const auto bert = SyntheticModel(odd_config("bert")).load().value();
  EXPECT_EQ(Session::start(bert, pool), nullptr);
  EXPECT_EQ(Ensemble::of(bert, 2, pool), nullptr);
}

TEST(Model, Bert_SeesWhatFollows) {
  ThreadPool pool(1);
  const auto vocab = 53U;
  auto tokens = random_tokens(20, 53);
  for (const auto name : {"bert", "gpt"}) {
    const auto model = SyntheticModel(odd_config(name)).load().value();
    std::vector<float> before(20 * vocab);
    std::vector<float> after(20 * vocab);
    model->forward(tokens, before, pool);
    tokens[19] = (tokens[19] + 1) % 53;
    model->forward(tokens, after, pool);
    const bool same = std::equal(before.begin(), before.begin() + 19 * vocab, after.begin());
    EXPECT_EQ(same, std::string(name) == "gpt");
  }
}

std::string isa_test_name(const ::testing::TestParamInfo<kernels::Isa>& info) {
  return std::string(kernels::to_string(info.param));
}
INSTANTIATE_TEST_SUITE_P(Isas, SessionOnEveryIsa, ::testing::ValuesIn(kernels::available_isas()), isa_test_name);
INSTANTIATE_TEST_SUITE_P(Isas, EnsembleOnEveryIsa, ::testing::ValuesIn(kernels::available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::engine
