#include "continuo/engine/model.h"

#include <algorithm>

#include "lstm.h"
#include "transformer.h"

namespace continuo::engine {
namespace {

bool is_causal(const Model& model) { return model.config().masking == checkpoint::Masking::kCausal; }

Precision cache_for(Precision weights) { return weights == Precision::kFp16 ? Precision::kBf16 : weights; }

}  // namespace

Precision stored_precision(const checkpoint::Checkpoint& checkpoint) {
  using checkpoint::DType;
  const auto& tensors = checkpoint.file.tensors();
  const auto has = [&](DType type) {
    return std::any_of(tensors.begin(), tensors.end(),
                       [&](const auto& item) { return item.second.dtype == type && item.second.shape.size() == 2; });
  };
  if (has(DType::kI8)) return Precision::kInt8;
  if (has(DType::kF32)) return Precision::kFp32;
  return has(DType::kF16) ? Precision::kFp16 : Precision::kBf16;
}

Result<std::shared_ptr<const Model>> Model::load(const checkpoint::Checkpoint& checkpoint, LoadOptions options) {
  CONTINUO_TRY(checkpoint::validate(checkpoint.model));
  const Precision weights = options.weights.value_or(stored_precision(checkpoint));
  const Precision cache = options.cache.value_or(cache_for(weights));
  if (cache == Precision::kFp16) return Error{ErrorCode::unsupported, "keys and values are not kept in fp16", {}, {}};
  if (checkpoint.model.family == checkpoint::Family::kLstm) return LstmModel::load(checkpoint, weights);
  return TransformerModel::load(checkpoint, weights, cache);
}

std::unique_ptr<Session> Session::start(std::shared_ptr<const Model> model, ThreadPool& threads) {
  return is_causal(*model) ? model->new_session(threads) : nullptr;
}

std::unique_ptr<Ensemble> Ensemble::of(std::shared_ptr<const Model> model, int most_sessions, ThreadPool& threads) {
  return is_causal(*model) ? model->new_ensemble(most_sessions, threads) : nullptr;
}

}  // namespace continuo::engine
