#include "weight_reader.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace continuo::engine {
namespace {

using checkpoint::DType;
using checkpoint::TensorView;

std::vector<float> widen(const TensorView& view) {
  std::vector<float> values(static_cast<std::size_t>(view.elements()));
  if (view.dtype == DType::kF32) {
    if (!values.empty()) std::memcpy(values.data(), view.data.data(), view.data.size());
    return values;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t upper = 0;
    std::memcpy(&upper, view.data.data() + 2 * i, sizeof upper);
    values[i] = std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16);
  }
  return values;
}

}  // namespace

std::vector<float> WeightReader::take(const std::string& name) {
  if (!status_.ok()) return {};
  const std::string where = "tensor '" + name + "'";
  const auto found = checkpoint_.file.tensors().find(name);
  if (found == checkpoint_.file.tensors().end()) {
    status_ = Error{ErrorCode::not_found, "a tensor of the model is missing", where, {}};
    return {};
  }
  if (found->second.dtype != DType::kF32 && found->second.dtype != DType::kBF16) {
    const std::string type(checkpoint::to_string(found->second.dtype));
    status_ = Error{ErrorCode::unsupported, "the engine does not run weights of type " + type, where, {}};
    return {};
  }
  auto values = widen(found->second);
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    status_ = Error{ErrorCode::malformed, "a weight is infinite or not a number", where, {}};
    return {};
  }
  return values;
}

std::vector<float> WeightReader::take_output() {
  return take(checkpoint_.model.tied_output ? "token_embedding.weight" : "output.weight");
}

}  // namespace continuo::engine
