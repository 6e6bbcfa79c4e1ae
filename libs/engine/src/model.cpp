#include "continuo/engine/model.h"

#include "lstm.h"
#include "transformer.h"

namespace continuo::engine {

Result<std::shared_ptr<const Model>> Model::load(const checkpoint::Checkpoint& checkpoint) {
  CONTINUO_TRY(checkpoint::validate(checkpoint.model));
  if (checkpoint.model.positions != checkpoint::Positions::kLearned) {
    return Error{ErrorCode::unsupported, "composing with relative or rotary positions is not possible yet"};
  }
  if (checkpoint.model.family == checkpoint::Family::kLstm) return LstmModel::load(checkpoint);
  return TransformerModel::load(checkpoint);
}

std::unique_ptr<Session> Session::start(std::shared_ptr<const Model> model, ThreadPool& threads) {
  if (model->config().masking != checkpoint::Masking::kCausal) return nullptr;
  return model->new_session(threads);
}

}  // namespace continuo::engine
