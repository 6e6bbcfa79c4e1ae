#include "continuo/kernels/packed_matrix.h"

#include <algorithm>
#include <cstdint>

#include "continuo/base/platform/platform.h"
#include "continuo/kernels/int8.h"
#include "continuo/kernels/number_types.h"

namespace continuo::kernels {
namespace {

// Rows become columns of panels.
template <typename Number, typename Convert>
void pack(const PackedMatrix& matrix, std::span<const float> weights, float* memory, Convert convert) {
  auto* numbers = reinterpret_cast<Number*>(memory);
  const std::size_t columns = matrix.columns(), group = group_of(matrix.precision());
  const std::size_t panel = panel_bytes(matrix.precision(), columns) / sizeof(Number);
  for (std::size_t row = 0; row < matrix.rows(); ++row) {
    Number* lane = numbers + row / kPanelRows * panel + row % kPanelRows * group;
    const float* source = weights.data() + row * columns;
    for (std::size_t k = 0; k < columns; ++k) {
      lane[k / group * group * kPanelRows + k % group] = convert(source[k], row);
    }
  }
}

}  // namespace

AlignedFloats::AlignedFloats(std::size_t count)
    : memory_(static_cast<float*>(platform::allocate_pages(std::max<std::size_t>(count, 1) * sizeof(float))),
              Release{std::max<std::size_t>(count, 1) * sizeof(float)}),
      count_(count) {}

void AlignedFloats::Release::operator()(float* memory) const { platform::free_pages(memory, bytes); }

PackedMatrix::PackedMatrix(std::size_t rows, std::size_t columns, std::span<const float> weights,
                           std::span<const float> bias, Precision precision)
    : rows_(rows),
      columns_(columns),
      precision_(precision),
      weights_(panels() * panel_bytes(precision, columns) / sizeof(float)),
      scales_(precision == Precision::kInt8 ? panels() * kPanelRows : 0),
      bias_(panels() * kPanelRows) {
  std::copy(bias.begin(), bias.end(), bias_.data());
  if (precision == Precision::kInt8) {
    for (std::size_t row = 0; row < rows; ++row) scales_[row] = int8_scale(weights.subspan(row * columns, columns));
    pack<std::int8_t>(*this, weights, weights_.data(),
                      [this](float weight, std::size_t row) { return to_int8(weight, scales_[row]); });
  } else if (precision == Precision::kBf16) {
    pack<Bf16>(*this, weights, weights_.data(), [](float weight, std::size_t) { return to_bf16(weight); });
  } else if (precision == Precision::kFp16) {
    pack<Fp16>(*this, weights, weights_.data(), [](float weight, std::size_t) { return to_fp16(weight); });
  } else {
    pack<float>(*this, weights, weights_.data(), [](float weight, std::size_t) { return weight; });
  }
}

Panels PackedMatrix::view() const {
  return {precision_, reinterpret_cast<const std::byte*>(weights_.data()), panel_bytes(precision_, columns_),
          precision_ == Precision::kInt8 ? scales_.data() : nullptr};
}

}  // namespace continuo::kernels
