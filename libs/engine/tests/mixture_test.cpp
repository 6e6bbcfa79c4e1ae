#include "continuo/engine/mixture.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "synthetic_model.h"

namespace continuo::engine {
namespace {

using Models = std::vector<std::shared_ptr<const Model>>;

std::vector<double> probabilities(std::span<const float> logits) {
  double total = 0;
  std::vector<double> all;
  for (const float logit : logits) total += std::exp(double(logit));
  for (const float logit : logits) all.push_back(std::exp(double(logit)) / total);
  return all;
}

std::vector<float> forward(const Model& model, Input input) {
  ThreadPool threads(2);
  std::vector<float> logits(input.size() * std::size_t(model.config().vocab_size));
  model.forward(input, logits, threads);
  return logits;
}

// Two transformers and a recurrent net, with musical places.
class Mixture : public ::testing::Test {
 protected:
  Models load_all() {
    Models all;
    for (const SyntheticModel* each : {&gpt2_, &lstm_, &llama_}) all.push_back(each->load().value());
    return all;
  }

  SyntheticModel gpt2_{with_places(odd_config("gpt2")), 1}, lstm_{with_places(odd_config("lstm")), 2},
      llama_{with_places(odd_config("llama")), 3};
  std::vector<TokenId> tokens_ = random_tokens(40, 53);
  std::vector<MusicalPlace> places_ = random_places(40, gpt2_.config());
};

TEST_F(Mixture, ProbabilitiesAreTheMeansOfTheModels) {
  const Models all = load_all();
  const auto mixture = mixture_of(all);
  ASSERT_TRUE(mixture.ok()) << mixture.error().to_line();
  const Input input(tokens_, places_);
  const auto mixed = forward(**mixture, input);
  std::vector<std::vector<float>> parts;
  for (const auto& model : all) parts.push_back(forward(*model, input));
  for (std::size_t row = 0; row < tokens_.size(); ++row) {
    const auto whole = probabilities(std::span(mixed).subspan(row * 53, 53));
    for (std::size_t word = 0; word < 53; ++word) {
      double mean = 0;
      for (const auto& part : parts) mean += probabilities(std::span(part).subspan(row * 53, 53))[word] / 3;
      ASSERT_NEAR(whole[word], mean, 1e-6) << row << ' ' << word;
    }
  }
}

TEST_F(Mixture, SessionsForksAndEnsemblesAreToTheBitWhatForwardIs) {
  const auto mixture = mixture_of(load_all()).value();
  const Input input(tokens_, places_);
  const auto expected = forward(*mixture, input);
  const auto row_is = [&](std::span<const float> row, std::size_t at) {
    return std::ranges::equal(row, std::span(expected).subspan(at * 53, 53));
  };
  ThreadPool threads(1);
  const auto session = Session::start(mixture, threads);
  EXPECT_TRUE(row_is(session->prefill(input.part(0, 20)), 19));
  const auto fork = session->fork();
  EXPECT_EQ(fork->position(), 20);
  EXPECT_TRUE(row_is(session->step(tokens_[20], places_[20]), 20));
  EXPECT_TRUE(row_is(fork->step(tokens_[20], places_[20]), 20));
  session->reset();
  EXPECT_TRUE(row_is(session->prefill(input.part(0, 21)), 20));
  const auto ensemble = Ensemble::of(mixture, 2, threads);
  Session* const both[] = {session.get(), fork.get()};
  const std::vector<TokenId> next = {tokens_[21], tokens_[21]};
  const std::vector<MusicalPlace> next_places = {places_[21], places_[21]};
  const auto rows = ensemble->step(both, {next, next_places});
  EXPECT_TRUE(row_is(rows.first(53), 21));
  EXPECT_TRUE(row_is(rows.subspan(53), 21));
}

TEST_F(Mixture, ItsContextIsTheShortest) {
  auto shorter = with_places(odd_config("gpt2"));
  shorter.context_length = 30;
  const SyntheticModel small(shorter);
  const auto mixture = mixture_of({lstm_.load().value(), gpt2_.load().value(), small.load().value()}).value();
  EXPECT_EQ(mixture->config().context_length, 30);
  ThreadPool threads(1);
  const auto session = Session::start(mixture, threads);
  session->prefill(Input(tokens_, places_).part(0, 30));
  EXPECT_TRUE(session->full());
}

TEST_F(Mixture, ModelsThatDoNotGoTogetherAreRefused) {
  const auto refusal = [&](const checkpoint::ModelConfig& config) {
    const SyntheticModel other(config);
    return mixture_of({gpt2_.load().value(), other.load().value()}).error();
  };
  auto config = with_places(odd_config("gpt2"));
  config.vocab_size = 54;
  EXPECT_EQ(refusal(config).code, ErrorCode::incompatible);
  EXPECT_EQ(refusal(odd_config("gpt2")).what, "a mixture has models of one kind; this one has other musical places");
  EXPECT_EQ(refusal(with_places(odd_config("bert"))).code, ErrorCode::incompatible);
  EXPECT_EQ(refusal(with_places(odd_config("transformer_xl"))).code, ErrorCode::unsupported);
}

TEST_F(Mixture, OfOneIsThatOne) {
  const auto model = gpt2_.load().value();
  EXPECT_EQ(mixture_of({model}).value(), model);
}

}  // namespace
}  // namespace continuo::engine
