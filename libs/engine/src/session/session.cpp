#include <algorithm>

#include "continuo/engine/model.h"

namespace continuo::engine {
namespace {

bool is_causal(const Model& model) { return model.config().masking == checkpoint::Masking::kCausal; }

}  // namespace

std::unique_ptr<Session> Session::start(const std::shared_ptr<const Model>& model, ThreadPool& threads) {
  return is_causal(*model) ? model->new_session(threads) : nullptr;
}

void Session::read(Input input, std::span<float> logits) {
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::span<const float> row = step(input.tokens[i], input.places.empty() ? MusicalPlace{} : input.places[i]);
    std::copy(row.begin(), row.end(), logits.begin() + static_cast<std::ptrdiff_t>(i * row.size()));
  }
}

std::unique_ptr<Ensemble> Ensemble::of(const std::shared_ptr<const Model>& model, int most_sessions,
                                       ThreadPool& threads) {
  return is_causal(*model) ? model->new_ensemble(most_sessions, threads) : nullptr;
}

}  // namespace continuo::engine
