#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "models/transformer.h"

namespace continuo::engine {
namespace {

// Tokens that prefill takes through the layers together.
constexpr std::size_t kChunk = 256;
// Of a session without another limit: what position() can count.
constexpr std::size_t kMostPositions = std::numeric_limits<int>::max();

// Positions that a session keeps: the context, or the memory with room for a chunk.
std::size_t capacity_of(const TransformerWeights& weights) {
  const checkpoint::ModelConfig& config = weights.config;
  if (config.is_limited_to_context()) return static_cast<std::size_t>(config.context_length);
  return CacheShape::sliding_capacity(weights.attention.remembered(), kChunk);
}

class TransformerSession final : public Session {
 public:
  TransformerSession(const std::shared_ptr<const TransformerModel>& model, ThreadPool& threads)
      : TransformerSession(
            model, threads,
            KvCache(model->weights().cache_shape(model->weights().layers.size(), capacity_of(model->weights()))), 0) {}

  std::unique_ptr<Session> fork() const override {
    auto other = std::make_unique<TransformerSession>(model_, threads_, cache_, position_);
    std::copy_n(logits_.data(), logits_.size(), other->logits_.data());
    return other;
  }
  void reset() noexcept override {
    position_ = 0;
    cache_.clear();
  }
  int position() const noexcept override { return static_cast<int>(position_); }
  bool full() const noexcept override {
    return position_ == (weights_.config.is_limited_to_context() ? capacity_of(weights_) : kMostPositions);
  }

  std::span<const float> prefill(Input input) override {
    in_chunks(input, [&](const Input& chunk, std::size_t) { feed(chunk, logits_.data(), false); });
    return {logits_.data(), logits_.size()};
  }

  void read(Input input, std::span<float> logits) override {
    const std::size_t vocab = logits_.size();
    in_chunks(input, [&](const Input& chunk, std::size_t done) { feed(chunk, logits.data() + done * vocab, true); });
  }

  std::span<const float> step(TokenId token, MusicalPlace place) noexcept override {
    feed({std::span(&token, 1), {&place, 1}}, logits_.data(), false);
    return {logits_.data(), logits_.size()};
  }

  Segment next(Input input) noexcept {
    cache_.make_room(position_, input.size(), weights_.attention.remembered());
    return {input, position_, &cache_};
  }
  void has_fed_one() noexcept { ++position_; }

  TransformerSession(std::shared_ptr<const TransformerModel> model, ThreadPool& threads, const KvCache& cache,
                     std::size_t position)
      : model_(std::move(model)),
        weights_(model_->weights()),
        threads_(threads),
        cache_(cache),
        memory_(weights_, 1, capacity_of(weights_), threads.threads()),
        logits_(static_cast<std::size_t>(weights_.config.vocab_size)),
        position_(position) {}

 private:
  // Calls feed_chunk(chunk, tokens before it) for all of the input.
  template <typename FeedChunk>
  void in_chunks(const Input& input, const FeedChunk& feed_chunk) {
    const std::size_t rows = std::min(kChunk, input.size());
    if (memory_.rows < rows) memory_ = Activations(weights_, rows, capacity_of(weights_), threads_.threads());
    for (std::size_t done = 0; done < input.size(); done += kChunk) {
      feed_chunk(input.part(done, std::min(kChunk, input.size() - done)), done);
    }
  }
  void feed(Input input, float* logits, bool all_logits) noexcept {
    const Segment segment = next(input);
    const Workers workers(threads_, weights_.bytes, input.size());
    TransformerPass(weights_, memory_, workers).run({{&segment, 1}, logits, all_logits});
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
        memory_(weights_, static_cast<std::size_t>(most_sessions), capacity_of(weights_), threads.threads()),
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
