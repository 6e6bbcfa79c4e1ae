#include "continuo/engine/model.h"

namespace continuo::engine {
namespace {

bool is_causal(const Model& model) { return model.config().masking == checkpoint::Masking::kCausal; }

}  // namespace

std::unique_ptr<Session> Session::start(std::shared_ptr<const Model> model, ThreadPool& threads) {
  return is_causal(*model) ? model->new_session(threads) : nullptr;
}

std::unique_ptr<Ensemble> Ensemble::of(std::shared_ptr<const Model> model, int most_sessions, ThreadPool& threads) {
  return is_causal(*model) ? model->new_ensemble(most_sessions, threads) : nullptr;
}

}  // namespace continuo::engine
