#include "weights/weight_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/kernels/number_types.h"

#include "weights/int8_rows.h"

namespace continuo::engine {
namespace {

using checkpoint::DType;
using checkpoint::TensorView;

using kernels::PackedMatrix;
using kernels::Precision;

constexpr float kLargestFp16 = 65504.0F;
constexpr const char* kNotFinite = "a weight is infinite or not a number";

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

std::vector<float> scaled(const TensorView& view, std::span<const float> scales) {
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

template <typename Number>
const Number* numbers_in_file(const TensorView& view) {
  const bool aligned = reinterpret_cast<std::uintptr_t>(view.data.data()) % alignof(Number) == 0;
  return aligned ? reinterpret_cast<const Number*>(view.data.data()) : nullptr;
}

Floats floats_of(const TensorView& view) {
  const auto* numbers = numbers_in_file<float>(view);
  if (numbers == nullptr) return Floats(numbers_of<float>(view));
  return Floats({numbers, static_cast<std::size_t>(view.elements())});
}

template <typename Number>
std::vector<const Number*> rows_of(const Number* numbers, std::span<const std::size_t> order, std::size_t columns) {
  std::vector<const Number*> rows;
  rows.reserve(order.size());
  for (const std::size_t row : order) rows.push_back(row == kNoRow ? nullptr : numbers + row * columns);
  return rows;
}

// The parts into which a row is cut share its scale.
PackedMatrix pack_parts(const std::int8_t* numbers, std::span<const float> scales, std::size_t parts,
                        std::span<const std::size_t> order, std::size_t columns, std::span<const float> bias) {
  std::vector<float> scale_of_row;
  scale_of_row.reserve(order.size());
  for (const std::size_t row : order) scale_of_row.push_back(row == kNoRow ? 0 : scales[row / parts]);
  return {rows_of(numbers, order, columns), scale_of_row, columns, bias};
}

// Bits of an exponent: all are set in what is infinite or not a number.
constexpr std::uint16_t exponent_of(kernels::Bf16 /*type*/) { return 0x7f80; }
constexpr std::uint16_t exponent_of(kernels::Fp16 /*type*/) { return 0x7c00; }

template <typename Number>
bool all_finite(std::span<const Number> numbers) {
  constexpr std::uint16_t kExponent = exponent_of(Number{});
  std::uint16_t top = 0;
  for (const Number number : numbers) top = std::max<std::uint16_t>(top, number.bits & kExponent);
  return top != kExponent;
}

}  // namespace

void WeightReader::fail(ErrorCode code, const std::string& problem, const std::string& name) {
  if (status_.ok()) status_ = Error{code, problem, "tensor '" + name + "'", {}};
}

const TensorView* WeightReader::find(const std::string& name) {
  const auto found = checkpoint_.file.tensors().find(name);
  if (found != checkpoint_.file.tensors().end()) return &found->second;
  fail(ErrorCode::not_found, "a tensor of the model is missing", name);
  return nullptr;
}

Floats WeightReader::view(const std::string& name) {
  const TensorView* tensor = find(name);
  if (!status_.ok()) return {};
  Floats values;
  if (tensor->dtype == DType::kF32) {
    values = floats_of(*tensor);
  } else if (tensor->dtype == DType::kBF16) {
    values = Floats(widen<kernels::Bf16>(*tensor));
  } else if (tensor->dtype == DType::kF16) {
    values = Floats(widen<kernels::Fp16>(*tensor));
  } else if (tensor->dtype == DType::kI8) {
    const Floats scales = view(checkpoint::scale_name(name));
    if (!status_.ok()) return {};
    values = Floats(scaled(*tensor, scales.numbers()));
  } else {
    const std::string type(checkpoint::to_string(tensor->dtype));
    fail(ErrorCode::unsupported, "the engine does not run weights of type " + type, name);
    return {};
  }
  if (std::isfinite(kernels::largest_magnitude(values.numbers()))) return values;
  fail(ErrorCode::malformed, kNotFinite, name);
  return {};
}

Floats WeightReader::bias(const std::string& name) {
  if (!checkpoint_.model.bias) return {};
  return view(name + ".bias");
}

std::vector<float> WeightReader::take(const std::string& name) {
  const Floats floats = view(name);
  return {floats.numbers().begin(), floats.numbers().end()};
}

void WeightReader::check_fits(const std::string& name, std::span<const float> weights) {
  if (precision_ != Precision::kFp16 || kernels::largest_magnitude(weights) <= kLargestFp16) return;
  fail(ErrorCode::malformed, "a weight is too large for fp16", name);
}

std::string WeightReader::output_name() const {
  return checkpoint_.model.tied_output ? "token_embedding.weight" : "output.weight";
}

PackedMatrix WeightReader::pack_converted(const std::string& name, Order order, std::size_t columns,
                                          std::span<const float> bias) {
  const Floats weights = view(name);
  check_fits(name, weights.numbers());
  if (!status_.ok()) return {};
  if (precision_ != Precision::kInt8) return {rows_of(weights.data(), order, columns), columns, bias, precision_};
  const auto width = static_cast<std::size_t>(find(name)->shape.back());
  const Int8Rows rows = int8_rows(weights.numbers(), width);
  return pack_parts(rows.numbers.data(), rows.scales, width / columns, order, columns, bias);
}

PackedMatrix WeightReader::pack_int8(const std::string& name, const TensorView& tensor, Order order,
                                     std::size_t columns, std::span<const float> bias) {
  const Floats scales = view(checkpoint::scale_name(name));
  const auto* numbers = numbers_in_file<std::int8_t>(tensor);
  if (std::find(numbers, numbers + tensor.elements(), std::int8_t{-128}) != numbers + tensor.elements()) {
    fail(ErrorCode::malformed, "a weight is below -127", name);
  }
  if (!status_.ok()) return {};
  const std::size_t parts = static_cast<std::size_t>(tensor.shape.back()) / columns;
  return pack_parts(numbers, scales.numbers(), parts, order, columns, bias);
}

template <typename Number>
PackedMatrix WeightReader::pack_stored(const std::string& name, const TensorView& tensor, Order order,
                                       std::size_t columns, std::span<const float> bias) {
  const auto* numbers = numbers_in_file<Number>(tensor);
  if (numbers == nullptr) return pack_converted(name, order, columns, bias);
  if (!all_finite<Number>({numbers, static_cast<std::size_t>(tensor.elements())})) {
    fail(ErrorCode::malformed, kNotFinite, name);
    return {};
  }
  return {rows_of(numbers, order, columns), columns, bias};
}

PackedMatrix WeightReader::pack(const std::string& name, Order order, std::size_t columns,
                                std::span<const float> bias) {
  const TensorView* tensor = find(name);
  if (!status_.ok()) return {};
  if (tensor->dtype == DType::kI8 && precision_ == Precision::kInt8) {
    return pack_int8(name, *tensor, order, columns, bias);
  }
  if (tensor->dtype == DType::kBF16 && precision_ == Precision::kBf16) {
    return pack_stored<kernels::Bf16>(name, *tensor, order, columns, bias);
  }
  if (tensor->dtype == DType::kF16 && precision_ == Precision::kFp16) {
    return pack_stored<kernels::Fp16>(name, *tensor, order, columns, bias);
  }
  return pack_converted(name, order, columns, bias);
}

PackedMatrix WeightReader::pack(const std::string& name, std::span<const float> bias) {
  const TensorView* tensor = find(name);
  if (!status_.ok()) return {};
  std::vector<std::size_t> order(static_cast<std::size_t>(tensor->shape.front()));
  std::iota(order.begin(), order.end(), std::size_t{0});
  return pack(name, order, static_cast<std::size_t>(tensor->shape.back()), bias);
}

}  // namespace continuo::engine
