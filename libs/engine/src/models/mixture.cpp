#include "continuo/engine/mixture.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

namespace continuo::engine {
namespace {

using checkpoint::ModelConfig;

// Adds the probabilities that `logits` stand for, divided by `models`, to `sums`.
void add_probabilities(std::span<const float> logits, std::size_t models, std::span<double> sums) {
  const double largest = double(*std::ranges::max_element(logits));
  double total = 0;
  for (const float logit : logits) total += std::exp(double(logit) - largest);
  for (std::size_t i = 0; i < logits.size(); ++i)
    sums[i] += std::exp(double(logits[i]) - largest) / (total * double(models));
}

// Of a word that no model holds possible the smallest that a float can say.
void take_logarithms(std::span<const double> sums, std::span<float> logits) {
  constexpr double kLeast = 1e-30;
  for (std::size_t i = 0; i < sums.size(); ++i) logits[i] = float(std::log(std::max(sums[i], kLeast)));
}

class MixedSession final : public Session {
 public:
  explicit MixedSession(std::vector<std::unique_ptr<Session>> sessions, std::size_t vocab)
      : sessions_(std::move(sessions)), sums_(vocab), logits_(vocab) {}

  std::unique_ptr<Session> fork() const override {
    std::vector<std::unique_ptr<Session>> forks;
    for (const auto& session : sessions_) forks.push_back(session->fork());
    auto copy = std::make_unique<MixedSession>(std::move(forks), logits_.size());
    copy->logits_ = logits_;
    return copy;
  }
  void reset() noexcept override {
    for (const auto& session : sessions_) session->reset();
  }
  int position() const noexcept override { return sessions_.front()->position(); }
  bool full() const noexcept override {
    return std::ranges::any_of(sessions_, [](const auto& session) { return session->full(); });
  }
  std::span<const float> prefill(Input input) override {
    return mix([&](Session& session) { return session.prefill(input); });
  }
  std::span<const float> step(TokenId token, MusicalPlace place) noexcept override {
    return mix([&](Session& session) { return session.step(token, place); });
  }

 private:
  template <typename Advance>
  std::span<const float> mix(const Advance& advance) {
    std::ranges::fill(sums_, 0.0);
    for (const auto& session : sessions_) add_probabilities(advance(*session), sessions_.size(), sums_);
    take_logarithms(sums_, logits_);
    return logits_;
  }

  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<double> sums_;   // [vocab]
  std::vector<float> logits_;  // [vocab]
};

// The sessions one after the other: each has the rows of several models.
class MixedEnsemble final : public Ensemble {
 public:
  MixedEnsemble(int most_sessions, std::size_t vocab) : vocab_(vocab), logits_(std::size_t(most_sessions) * vocab) {}

  std::span<const float> step(std::span<Session* const> sessions, Input input) noexcept override {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      const auto row = sessions[i]->step(input.tokens[i], input.places.empty() ? MusicalPlace{} : input.places[i]);
      std::ranges::copy(row, logits_.begin() + std::ptrdiff_t(i * vocab_));
    }
    return std::span(logits_).first(sessions.size() * vocab_);
  }

 private:
  std::size_t vocab_;
  std::vector<float> logits_;  // [most_sessions, vocab]
};

class Mixture final : public Model {
 public:
  explicit Mixture(std::vector<std::shared_ptr<const Model>> models) : models_(std::move(models)) {
    const auto room = [](const auto& model) {
      return std::pair(!model->config().is_limited_to_context(), model->config().context_length);
    };
    config_ = (*std::ranges::min_element(models_, {}, room))->config();
  }

  const ModelConfig& config() const override { return config_; }
  Precision precision() const override { return models_.front()->precision(); }
  std::size_t bytes_per_step(std::size_t positions) const override {
    std::size_t bytes = 0;
    for (const auto& model : models_) bytes += model->bytes_per_step(positions);
    return bytes;
  }

  void forward(Input input, std::span<float> logits, ThreadPool& threads) const override {
    const std::size_t vocab = logits.size() / input.size();
    std::vector<double> sums(logits.size());
    for (const auto& model : models_) {
      model->forward(input, logits, threads);
      threads.parallel_for(input.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row)
          add_probabilities(logits.subspan(row * vocab, vocab), models_.size(),
                            std::span(sums).subspan(row * vocab, vocab));
      });
    }
    take_logarithms(sums, logits);
  }

  std::unique_ptr<Session> new_session(ThreadPool& threads) const override {
    std::vector<std::unique_ptr<Session>> sessions;
    for (const auto& model : models_) sessions.push_back(model->new_session(threads));
    return std::make_unique<MixedSession>(std::move(sessions), std::size_t(config_.vocab_size));
  }
  std::unique_ptr<Ensemble> new_ensemble(int most_sessions, ThreadPool&) const override {
    return std::make_unique<MixedEnsemble>(most_sessions, std::size_t(config_.vocab_size));
  }

 private:
  std::vector<std::shared_ptr<const Model>> models_;
  ModelConfig config_;  // of the one that reads the fewest tokens
};

// What of `config` differs from the first; empty where nothing does.
std::string difference(const ModelConfig& first, const ModelConfig& config) {
  if (config.vocab_size != first.vocab_size) return "another vocabulary";
  if (config.masking != first.masking) return "another masking";
  if (config.places != first.places || config.slots != first.slots) return "other musical places";
  return {};
}

}  // namespace

Result<std::shared_ptr<const Model>> mixture_of(std::vector<std::shared_ptr<const Model>> models) {
  for (const auto& model : models) {
    const std::string other = difference(models.front()->config(), model->config());
    if (!other.empty())
      return Error{ErrorCode::incompatible, "a mixture has models of one kind; this one has " + other};
    if (models.size() > 1 && model->config().memory_length > 0)
      return Error{ErrorCode::unsupported, "a model with a memory cannot be mixed with others"};
  }
  if (models.size() == 1) return models.front();
  return std::shared_ptr<const Model>(std::make_shared<Mixture>(std::move(models)));
}

}  // namespace continuo::engine
