#include <algorithm>
#include <utility>
#include <vector>

#include "models/transformer.h"

namespace continuo::engine {
namespace {

// Tokens that prefill takes through the layers together.
constexpr std::size_t kChunk = 256;

std::size_t context_of(const TransformerWeights& weights) {
  return static_cast<std::size_t>(weights.config.context_length);
}

class TransformerSession final : public Session {
 public:
  TransformerSession(std::shared_ptr<const TransformerModel> model, ThreadPool& threads)
      : TransformerSession(
            model, threads,
            KvCache(model->weights().cache_shape(model->weights().layers.size(), context_of(model->weights()))), 0) {}

  std::unique_ptr<Session> fork() const override {
    auto other = std::make_unique<TransformerSession>(model_, threads_, cache_, position_);
    std::copy_n(logits_.data(), logits_.size(), other->logits_.data());
    return other;
  }
  void reset() noexcept override { position_ = 0; }
  int position() const noexcept override { return static_cast<int>(position_); }
  bool full() const noexcept override { return position_ == context_of(weights_); }

  std::span<const float> prefill(Input input) override {
    const std::size_t rows = std::min(kChunk, input.size());
    if (memory_.rows < rows) memory_ = Activations(weights_, rows, context_of(weights_), threads_.threads());
    for (std::size_t done = 0; done < input.size(); done += kChunk) {
      feed(input.part(done, std::min(kChunk, input.size() - done)));
    }
    return {logits_.data(), logits_.size()};
  }

  std::span<const float> step(TokenId token, MusicalPlace place) noexcept override {
    feed({std::span(&token, 1), {&place, 1}});
    return {logits_.data(), logits_.size()};
  }

  Segment next(Input input) noexcept { return {input, position_, &cache_}; }
  void has_fed_one() noexcept { ++position_; }

  TransformerSession(std::shared_ptr<const TransformerModel> model, ThreadPool& threads, const KvCache& cache,
                     std::size_t position)
      : model_(std::move(model)),
        weights_(model_->weights()),
        threads_(threads),
        cache_(cache),
        memory_(weights_, 1, context_of(weights_), threads.threads()),
        logits_(static_cast<std::size_t>(weights_.config.vocab_size)),
        position_(position) {}

 private:
  void feed(Input input) noexcept {
    const Segment segment = {input, position_, &cache_};
    const Workers workers(threads_, weights_.bytes, input.size());
    TransformerPass(weights_, memory_, workers).run({{&segment, 1}, logits_.data(), false});
    position_ += input.size();
  }

  std::shared_ptr<const TransformerModel> model_;
  const TransformerWeights& weights_;
  ThreadPool& threads_;
  KvCache cache_;
  Activations memory_;
  kernels::AlignedFloats logits_;
  std::size_t position_;
};

class TransformerEnsemble final : public Ensemble {
 public:
  TransformerEnsemble(std::shared_ptr<const TransformerModel> model, int most_sessions, ThreadPool& threads)
      : model_(std::move(model)),
        weights_(model_->weights()),
        threads_(threads),
        memory_(weights_, static_cast<std::size_t>(most_sessions), context_of(weights_), threads.threads()),
        segments_(static_cast<std::size_t>(most_sessions)),
        logits_(segments_.size() * static_cast<std::size_t>(weights_.config.vocab_size)) {
    const std::size_t depth = std::max(weights_.width, static_cast<std::size_t>(weights_.config.d_ff));
    threads.run([&](int) { kernels::reserve_linear_memory(weights_.precision, depth); });
  }

  std::span<const float> step(std::span<Session* const> sessions, Input input) noexcept override {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      segments_[i] = static_cast<TransformerSession*>(sessions[i])->next(input.part(i, 1));
    }
    const Workers workers(threads_, weights_.bytes, sessions.size());
    TransformerPass(weights_, memory_, workers).run({{segments_.data(), sessions.size()}, logits_.data(), true});
    for (Session* session : sessions) static_cast<TransformerSession*>(session)->has_fed_one();
    return {logits_.data(), sessions.size() * static_cast<std::size_t>(weights_.config.vocab_size)};
  }

 private:
  std::shared_ptr<const TransformerModel> model_;
  const TransformerWeights& weights_;
  ThreadPool& threads_;
  Activations memory_;
  std::vector<Segment> segments_;
  kernels::AlignedFloats logits_;
};

}  // namespace

std::unique_ptr<Session> TransformerModel::new_session(ThreadPool& threads) const {
  return std::make_unique<TransformerSession>(shared_from_this(), threads);
}

std::unique_ptr<Ensemble> TransformerModel::new_ensemble(int most_sessions, ThreadPool& threads) const {
  return std::make_unique<TransformerEnsemble>(shared_from_this(), most_sessions, threads);
}

}  // namespace continuo::engine
