#include "continuo/engine/model.h"

#include "lstm.h"
#include "transformer.h"

namespace continuo::engine {
namespace {

bool is_causal(const Model& model) { return model.config().masking == checkpoint::Masking::kCausal; }

Precision cache_for(Precision weights) { return weights == Precision::kFp16 ? Precision::kBf16 : weights; }

}  // namespace

// All matrices are stored alike, as a rule; the output's, which every model has, speaks for them.
Precision stored_precision(const checkpoint::Checkpoint& checkpoint) {
  using checkpoint::DType;
  const auto& tensors = checkpoint.file.tensors();
  const auto found = tensors.find(checkpoint.model.tied_output ? "token_embedding.weight" : "output.weight");
  if (found == tensors.end()) return Precision::kFp32;
  if (found->second.dtype == DType::kI8) return Precision::kInt8;
  if (found->second.dtype == DType::kF16) return Precision::kFp16;
  return found->second.dtype == DType::kBF16 ? Precision::kBf16 : Precision::kFp32;
}

Result<std::shared_ptr<const Model>> Model::load(const checkpoint::Checkpoint& checkpoint, LoadOptions options) {
  CONTINUO_TRY(checkpoint::validate(checkpoint.model));
  const Precision weights = options.weights.value_or(stored_precision(checkpoint));
  const Precision cache = options.cache.value_or(cache_for(weights));
  if (cache == Precision::kFp16) return Error{ErrorCode::unsupported, "keys and values are not kept in fp16", {}, {}};
  if (checkpoint.model.family == checkpoint::Family::kLstm) return LstmModel::load(checkpoint, weights);
  ThreadPool threads(options.threads);
  return TransformerModel::load(checkpoint, weights, cache, threads);
}

std::unique_ptr<Session> Session::start(std::shared_ptr<const Model> model, ThreadPool& threads) {
  return is_causal(*model) ? model->new_session(threads) : nullptr;
}

std::unique_ptr<Ensemble> Ensemble::of(std::shared_ptr<const Model> model, int most_sessions, ThreadPool& threads) {
  return is_causal(*model) ? model->new_ensemble(most_sessions, threads) : nullptr;
}

}  // namespace continuo::engine
