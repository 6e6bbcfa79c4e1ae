#include "continuo/kernels/packed_matrix.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "continuo/base/platform/platform.h"
#include "continuo/kernels/int8.h"
#include "continuo/kernels/number_types.h"

namespace continuo::kernels {
namespace {

// Columns that are packed together: what they become stays in the first cache level until every row is there.
constexpr std::size_t kColumnBlock = 64;

std::vector<const float*> rows_of(std::size_t rows, std::size_t columns, const float* weights) {
  std::vector<const float*> pointers(rows);
  for (std::size_t row = 0; row < rows; ++row) pointers[row] = weights + row * columns;
  return pointers;
}

// Numbers [begin, end) of a row become a column of a panel.
template <typename Number, std::size_t kStep, typename Convert>
void pack_row(const float* row, std::size_t begin, std::size_t end, Number* column, Convert convert) {
  Number converted[kColumnBlock];
  for (std::size_t k = begin; k < end; ++k) converted[k - begin] = convert(row[k]);
  for (std::size_t k = begin; k < end; ++k) {
    column[k / kStep * kStep * kPanelRows + k % kStep] = converted[k - begin];
  }
}

// convert_row(i) converts numbers of row i.
template <typename Number, std::size_t kStep, typename ConvertRow>
void pack(std::span<const float* const> rows, std::size_t columns, Number* panels, ConvertRow convert_row) {
  const std::size_t panel = (columns + kStep - 1) / kStep * kStep * kPanelRows;
  for (std::size_t first = 0; first < rows.size(); first += kPanelRows, panels += panel) {
    const std::size_t count = std::min(kPanelRows, rows.size() - first);
    for (std::size_t begin = 0; begin < columns; begin += kColumnBlock) {
      const std::size_t end = std::min(begin + kColumnBlock, columns);
      for (std::size_t i = 0; i < count; ++i) {
        if (rows[first + i] == nullptr) continue;
        pack_row<Number, kStep>(rows[first + i], begin, end, panels + i * kStep, convert_row(first + i));
      }
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
    : PackedMatrix(rows_of(rows, columns, weights.data()), columns, bias, precision) {}

PackedMatrix::PackedMatrix(std::span<const float* const> rows, std::size_t columns, std::span<const float> bias,
                           Precision precision)
    : rows_(rows.size()),
      columns_(columns),
      precision_(precision),
      weights_(panels() * panel_bytes(precision, columns) / sizeof(float)),
      scales_(precision == Precision::kInt8 ? panels() * kPanelRows : 0),
      bias_(panels() * kPanelRows) {
  std::copy(bias.begin(), bias.end(), bias_.data());
  if (precision == Precision::kInt8) {
    for (std::size_t i = 0; i < rows_; ++i) scales_[i] = rows[i] == nullptr ? 0 : int8_scale({rows[i], columns});
    pack<std::int8_t, group_of(Precision::kInt8)>(
        rows, columns, reinterpret_cast<std::int8_t*>(weights_.data()),
        [this](std::size_t row) { return [scale = scales_[row]](float weight) { return to_int8(weight, scale); }; });
  } else if (precision == Precision::kBf16) {
    pack<Bf16, group_of(Precision::kBf16)>(rows, columns, reinterpret_cast<Bf16*>(weights_.data()),
                                           [](std::size_t) { return [](float weight) { return to_bf16(weight); }; });
  } else if (precision == Precision::kFp16) {
    pack<Fp16, 1>(rows, columns, reinterpret_cast<Fp16*>(weights_.data()), [](std::size_t) { return to_fp16; });
  } else {
    pack<float, 1>(rows, columns, weights_.data(), [](std::size_t) { return [](float weight) { return weight; }; });
  }
}

Panels PackedMatrix::view() const {
  return {precision_, reinterpret_cast<const std::byte*>(weights_.data()), panel_bytes(precision_, columns_),
          precision_ == Precision::kInt8 ? scales_.data() : nullptr};
}

}  // namespace continuo::kernels
