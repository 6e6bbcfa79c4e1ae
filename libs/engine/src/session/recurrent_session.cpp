#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "models/recurrent.h"

namespace continuo::engine {
namespace {

class RecurrentSession final : public Session {
 public:
  RecurrentSession(const std::shared_ptr<const RecurrentModel>& model, ThreadPool& threads)
      : RecurrentSession(model, threads, model->weights().new_state()) {}
  RecurrentSession(std::shared_ptr<const RecurrentModel> model, ThreadPool& threads, const RecurrentState& state)
      : model_(std::move(model)),
        weights_(model_->weights()),
        threads_(threads),
        state_(state),
        memory_(weights_, 1, threads.threads()),
        logits_(static_cast<std::size_t>(weights_.config.vocab_size)) {}

  std::unique_ptr<Session> fork() const override {
    return std::make_unique<RecurrentSession>(model_, threads_, state_);
  }
  void reset() noexcept override { state_.clear(); }
  int position() const noexcept override { return static_cast<int>(state_.position); }
  bool full() const noexcept override { return position() == std::numeric_limits<int>::max(); }

  std::span<const float> prefill(Input input) override {
    const std::size_t rows = std::min(kRecurrentChunk, input.size());
    if (memory_.rows < rows) memory_ = RecurrentActivations(weights_, rows, threads_.threads());
    for (std::size_t done = 0; done < input.size(); done += kRecurrentChunk) {
      feed(input.part(done, std::min(kRecurrentChunk, input.size() - done)));
    }
    return {logits_.data(), logits_.size()};
  }

  std::span<const float> step(TokenId token, MusicalPlace place) noexcept override {
    feed({std::span(&token, 1), {&place, 1}});
    return {logits_.data(), logits_.size()};
  }

  RecurrentState* state() noexcept { return &state_; }

 private:
  void feed(Input input) noexcept {
    const Workers workers(threads_, weights_.bytes, 1);
    RecurrentPass(weights_, memory_, workers).run({input, states_, logits_.data(), false});
  }

  std::shared_ptr<const RecurrentModel> model_;
  const RecurrentWeights& weights_;
  ThreadPool& threads_;
  RecurrentState state_;
  std::array<RecurrentState*, 1> states_ = {&state_};
  RecurrentActivations memory_;
  kernels::AlignedFloats logits_;
};

class RecurrentEnsemble final : public Ensemble {
 public:
  RecurrentEnsemble(std::shared_ptr<const RecurrentModel> model, int most_sessions, ThreadPool& threads)
      : model_(std::move(model)),
        weights_(model_->weights()),
        threads_(threads),
        memory_(weights_, static_cast<std::size_t>(most_sessions), threads.threads()),
        states_(memory_.rows),
        logits_(memory_.rows * static_cast<std::size_t>(weights_.config.vocab_size)) {
    threads.run([&](int) { kernels::reserve_linear_memory(weights_.precision, weights_.shape.width); });
  }

  std::span<const float> step(std::span<Session* const> sessions, Input input) noexcept override {
    for (std::size_t i = 0; i < sessions.size(); ++i) states_[i] = static_cast<RecurrentSession*>(sessions[i])->state();
    const Workers workers(threads_, weights_.bytes, sessions.size());
    RecurrentPass(weights_, memory_, workers).run({input, {states_.data(), sessions.size()}, logits_.data(), true});
    return {logits_.data(), sessions.size() * static_cast<std::size_t>(weights_.config.vocab_size)};
  }

 private:
  std::shared_ptr<const RecurrentModel> model_;
  const RecurrentWeights& weights_;
  ThreadPool& threads_;
  RecurrentActivations memory_;
  std::vector<RecurrentState*> states_;
  kernels::AlignedFloats logits_;
};

}  // namespace

std::unique_ptr<Session> RecurrentModel::new_session(ThreadPool& threads) const {
  return std::make_unique<RecurrentSession>(shared_from_this(), threads);
}

std::unique_ptr<Ensemble> RecurrentModel::new_ensemble(int most_sessions, ThreadPool& threads) const {
  return std::make_unique<RecurrentEnsemble>(shared_from_this(), most_sessions, threads);
}

}  // namespace continuo::engine
