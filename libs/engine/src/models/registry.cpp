// Which model runs a checkpoint: the only place that knows them all.
#include <optional>
#include <string>

#include "continuo/engine/model.h"

#include "models/recurrent.h"
#include "models/transformer.h"

namespace continuo::engine {
namespace {

// The precision that a tensor of this type has as weights, if there is one.
std::optional<Precision> precision_of(checkpoint::DType type) {
  using checkpoint::DType;
  switch (type) {
    case DType::kF32:
      return Precision::kFp32;
    case DType::kF16:
      return Precision::kFp16;
    case DType::kBF16:
      return Precision::kBf16;
    case DType::kI8:
      return Precision::kInt8;
    case DType::kI64:
    case DType::kU8:
    case DType::kF64:
    case DType::kI32:
    case DType::kI16:
    case DType::kU64:
    case DType::kU32:
    case DType::kU16:
    case DType::kBool:
    case DType::kF8E4M3:
    case DType::kF8E5M2:
      return std::nullopt;
  }
  return std::nullopt;
}

// Of keys and values, where nothing else is asked for.
Precision cache_for(Precision weights) {
  switch (weights) {
    case Precision::kFp32:
      return Precision::kFp32;
    case Precision::kFp16:
    case Precision::kBf16:
      return Precision::kBf16;
    case Precision::kInt8:
      return Precision::kInt8;
  }
  return Precision::kFp32;
}

}  // namespace

// All matrices are stored alike, as a rule; every model has an output matrix, so its precision is taken.
Precision stored_precision(const checkpoint::Checkpoint& checkpoint) {
  const auto& tensors = checkpoint.file.tensors();
  const auto found = tensors.find(checkpoint.model.tied_output ? "token_embedding.weight" : "output.weight");
  if (found == tensors.end()) return Precision::kFp32;
  return precision_of(found->second.dtype).value_or(Precision::kFp32);
}

Result<std::shared_ptr<const Model>> Model::load(const checkpoint::Checkpoint& checkpoint, LoadOptions options) {
  CONTINUO_TRY(checkpoint::validate(checkpoint.model));
  const Precision weights = options.weights.value_or(stored_precision(checkpoint));
  const Precision cache = options.cache.value_or(cache_for(weights));
  if (cache == Precision::kFp16) return Error{ErrorCode::unsupported, "keys and values are not kept in fp16", {}, {}};
  switch (checkpoint.model.family) {
    case checkpoint::Family::kRecurrent:
      return RecurrentModel::load(checkpoint, weights, cache);
    case checkpoint::Family::kTransformer: {
      ThreadPool threads(options.threads);
      return TransformerModel::load(checkpoint, weights, cache, threads);
    }
  }
  return Error{ErrorCode::unsupported, "the engine does not run this family of models", {}, {}};
}

}  // namespace continuo::engine
