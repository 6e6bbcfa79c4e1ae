#include "continuo/kernels/packed_matrix.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

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

// Numbers from `begin` on, `count` of them, become part of a column of a panel. Requires: begin is a multiple of kStep.
template <std::size_t kStep, typename Number>
void interleave(const Number* numbers, std::size_t begin, std::size_t count, Number* column) {
  Number* to = column + begin * kPanelRows;
  std::size_t k = 0;
  for (; k + kStep <= count; k += kStep) std::memcpy(to + k * kPanelRows, numbers + k, kStep * sizeof(Number));
  for (; k < count; ++k) to[k / kStep * kStep * kPanelRows + k % kStep] = numbers[k];
}

// convert(numbers, count, row, block) leaves numbers of a row in a block, as they are packed, and returns where they
// are.
template <std::size_t kStep, typename Number, typename Source, typename Convert>
void pack(Precision precision, std::span<const Source* const> rows, std::size_t columns, Number* panels,
          Convert convert) {
  static_assert(kColumnBlock % kStep == 0);
  const std::size_t panel = panel_bytes(precision, columns) / sizeof(Number);
  Number block[kColumnBlock];
  for (std::size_t first = 0; first < rows.size(); first += kPanelRows, panels += panel) {
    const std::size_t last = std::min(first + kPanelRows, rows.size());
    for (std::size_t begin = 0; begin < columns; begin += kColumnBlock) {
      const std::size_t count = std::min(kColumnBlock, columns - begin);
      for (std::size_t row = first; row < last; ++row) {
        if (rows[row] == nullptr) continue;
        const Number* numbers = convert(rows[row] + begin, count, row, block);
        interleave<kStep>(numbers, begin, count, panels + (row - first) * kStep);
      }
    }
  }
}

// For numbers that are packed as they are.
template <typename Number>
const Number* unchanged(const Number* numbers, std::size_t /*count*/, std::size_t /*row*/, Number* /*block*/) {
  return numbers;
}

// What int8 numbers in groups of kStep become.
template <std::size_t kStep>
std::int8_t stored(std::int8_t number) {
  return kStep == 4 ? static_cast<std::int8_t>(static_cast<std::uint8_t>(number) ^ 0x80U) : number;
}

template <std::size_t kStep, typename Source, typename Convert>
void pack_bytes(std::span<const Source* const> rows, std::size_t columns, std::int8_t* panels, Convert convert) {
  pack<kStep>(Precision::kInt8, rows, columns, panels,
              [&](const Source* numbers, std::size_t count, std::size_t row, std::int8_t* block) {
                for (std::size_t k = 0; k < count; ++k) block[k] = stored<kStep>(convert(numbers[k], row));
                return block;
              });
}

// convert(number, row) gives an int8 number.
template <typename Source, typename Convert>
void pack_int8(std::span<const Source* const> rows, std::size_t columns, std::size_t group, float* panels,
               Convert convert) {
  auto* bytes = reinterpret_cast<std::int8_t*>(panels);
  if (group == 4) return pack_bytes<4>(rows, columns, bytes, convert);
  pack_bytes<2>(rows, columns, bytes, convert);
}

template <typename Number>
const Number* rounded(const float* numbers, std::size_t count, std::size_t /*row*/, Number* block) {
  for (std::size_t k = 0; k < count; ++k) block[k] = number_from<Number>(numbers[k]);
  return block;
}

}  // namespace

PackedMatrix::PackedMatrix(Shape shape, std::span<const float> bias, Precision precision)
    : rows_(shape.rows),
      columns_(shape.columns),
      precision_(precision),
      group_(precision == Precision::kInt8 ? int8_group() : group_of(precision)),
      weights_(panels() * panel_bytes(precision, columns_) / sizeof(float)),
      scales_(precision == Precision::kInt8 ? panels() * kPanelRows : 0),
      bias_(panels() * kPanelRows) {
  std::copy(bias.begin(), bias.end(), bias_.data());
}

PackedMatrix::PackedMatrix(std::size_t rows, std::size_t columns, std::span<const float> weights,
                           std::span<const float> bias, Precision precision)
    : PackedMatrix(rows_of(rows, columns, weights.data()), columns, bias, precision) {}

PackedMatrix::PackedMatrix(std::span<const float* const> rows, std::size_t columns, std::span<const float> bias,
                           Precision precision)
    : PackedMatrix(Shape{rows.size(), columns}, bias, precision) {
  switch (precision) {
    case Precision::kFp32:
      pack<group_of(Precision::kFp32)>(precision, rows, columns, weights_.data(), unchanged<float>);
      break;
    case Precision::kFp16:
      pack<group_of(Precision::kFp16)>(precision, rows, columns, reinterpret_cast<Fp16*>(weights_.data()),
                                       rounded<Fp16>);
      break;
    case Precision::kBf16:
      pack<group_of(Precision::kBf16)>(precision, rows, columns, reinterpret_cast<Bf16*>(weights_.data()),
                                       rounded<Bf16>);
      break;
    case Precision::kInt8:
      for (std::size_t i = 0; i < rows_; ++i) scales_[i] = rows[i] == nullptr ? 0 : int8_scale({rows[i], columns});
      pack_int8(rows, columns, group_, weights_.data(),
                [this](float number, std::size_t row) { return to_int8(number, scales_[row]); });
      break;
  }
}

PackedMatrix::PackedMatrix(std::span<const std::int8_t* const> rows, std::span<const float> scales, std::size_t columns,
                           std::span<const float> bias)
    : PackedMatrix(Shape{rows.size(), columns}, bias, Precision::kInt8) {
  std::copy(scales.begin(), scales.end(), scales_.data());
  pack_int8(rows, columns, group_, weights_.data(), [](std::int8_t number, std::size_t /*row*/) { return number; });
}

PackedMatrix::PackedMatrix(std::span<const Bf16* const> rows, std::size_t columns, std::span<const float> bias)
    : PackedMatrix(Shape{rows.size(), columns}, bias, Precision::kBf16) {
  pack<group_of(Precision::kBf16)>(Precision::kBf16, rows, columns, reinterpret_cast<Bf16*>(weights_.data()),
                                   unchanged<Bf16>);
}

PackedMatrix::PackedMatrix(std::span<const Fp16* const> rows, std::size_t columns, std::span<const float> bias)
    : PackedMatrix(Shape{rows.size(), columns}, bias, Precision::kFp16) {
  pack<group_of(Precision::kFp16)>(Precision::kFp16, rows, columns, reinterpret_cast<Fp16*>(weights_.data()),
                                   unchanged<Fp16>);
}

Panels PackedMatrix::view() const {
  return {precision_, reinterpret_cast<const std::byte*>(weights_.data()), panel_bytes(precision_, columns_),
          precision_ == Precision::kInt8 ? scales_.data() : nullptr, group_};
}

}  // namespace continuo::kernels
