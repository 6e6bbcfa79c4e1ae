#include "weight_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/kernels/number_types.h"

namespace continuo::engine {
namespace {

using checkpoint::DType;
using checkpoint::TensorView;

constexpr float kLargestFp16 = 65504.0F;

// Foreign files may hold numbers at odd addresses.
template <typename Number>
std::vector<Number> numbers_of(const TensorView& view) {
  std::vector<Number> numbers(static_cast<std::size_t>(view.elements()));
  if (!numbers.empty()) std::memcpy(numbers.data(), view.data.data(), view.data.size());
  return numbers;
}

template <typename Number>
std::vector<float> widen(const TensorView& view) {
  const auto numbers = numbers_of<Number>(view);
  std::vector<float> values(numbers.size());
  std::transform(numbers.begin(), numbers.end(), values.begin(), [](Number n) { return kernels::to_float(n); });
  return values;
}

std::vector<float> scaled(const TensorView& view, const std::vector<float>& scales) {
  const auto numbers = numbers_of<std::int8_t>(view);
  std::vector<float> values(numbers.size());
  const std::size_t columns = scales.empty() ? 0 : numbers.size() / scales.size();
  for (std::size_t row = 0; row < scales.size(); ++row) {
    for (std::size_t i = row * columns; i < (row + 1) * columns; ++i) {
      values[i] = static_cast<float>(numbers[i]) * scales[row];
    }
  }
  return values;
}

bool is_aligned(const TensorView& view) {
  return reinterpret_cast<std::uintptr_t>(view.data.data()) % alignof(float) == 0;
}

Floats floats_of(const TensorView& view) {
  if (!is_aligned(view)) return Floats(numbers_of<float>(view));
  return Floats({reinterpret_cast<const float*>(view.data.data()), static_cast<std::size_t>(view.elements())});
}

}  // namespace

Floats WeightReader::view(const std::string& name) {
  if (!status_.ok()) return {};
  const std::string where = "tensor '" + name + "'";
  const auto found = checkpoint_.file.tensors().find(name);
  if (found == checkpoint_.file.tensors().end()) {
    status_ = Error{ErrorCode::not_found, "a tensor of the model is missing", where, {}};
    return {};
  }
  const TensorView& tensor = found->second;
  Floats values;
  if (tensor.dtype == DType::kF32) {
    values = floats_of(tensor);
  } else if (tensor.dtype == DType::kBF16) {
    values = Floats(widen<kernels::Bf16>(tensor));
  } else if (tensor.dtype == DType::kF16) {
    values = Floats(widen<kernels::Fp16>(tensor));
  } else if (tensor.dtype == DType::kI8) {
    const auto scales = take(checkpoint::scale_name(name));
    if (!status_.ok()) return {};
    values = Floats(scaled(tensor, scales));
  } else {
    const std::string type(checkpoint::to_string(tensor.dtype));
    status_ = Error{ErrorCode::unsupported, "the engine does not run weights of type " + type, where, {}};
    return {};
  }
  if (std::isfinite(kernels::largest_magnitude(values.numbers()))) return values;
  status_ = Error{ErrorCode::malformed, "a weight is infinite or not a number", where, {}};
  return {};
}

std::vector<float> WeightReader::take(const std::string& name) {
  const Floats floats = view(name);
  return {floats.numbers().begin(), floats.numbers().end()};
}

Floats WeightReader::view_output() {
  return view(checkpoint_.model.tied_output ? "token_embedding.weight" : "output.weight");
}

void WeightReader::check_fits(const std::string& name, std::span<const float> weights) {
  if (!status_.ok() || precision_ != kernels::Precision::kFp16) return;
  if (kernels::largest_magnitude(weights) <= kLargestFp16) return;
  status_ = Error{ErrorCode::malformed, "a weight is too large for fp16", "tensor '" + name + "'", {}};
}

kernels::PackedMatrix WeightReader::pack(const std::string& name, std::span<const float* const> rows,
                                         std::size_t columns, std::span<const float> bias) {
  for (const float* row : rows) {
    if (row != nullptr) check_fits(name, {row, columns});
  }
  if (!status_.ok()) return {};
  return {rows, columns, bias, precision_};
}

kernels::PackedMatrix WeightReader::pack(const std::string& name, std::size_t columns, const Floats& weights,
                                         std::span<const float> bias) {
  check_fits(name, weights.numbers());
  if (!status_.ok()) return {};
  return {weights.size() / columns, columns, weights.numbers(), bias, precision_};
}

}  // namespace continuo::engine
