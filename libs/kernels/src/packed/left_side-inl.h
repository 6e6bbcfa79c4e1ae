// Rows of the left side of a product in the forms in which the products read them.
#if defined(CONTINUO_KERNELS_LEFT_SIDE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_LEFT_SIDE_INL_H_
#undef CONTINUO_KERNELS_LEFT_SIDE_INL_H_
#else
#define CONTINUO_KERNELS_LEFT_SIDE_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <cstring>

#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "packed/int16.h"
#include "packed/left_form.h"
#include "packed/left_side.h"
#include "packed/panel_product.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// The reciprocal of the step between the whole numbers that a row is rounded to.
HWY_INLINE float inverse_step(const float* row, std::size_t depth) {
  Vec top = hn::Zero(kTag), sum = hn::Zero(kTag);
  for (std::size_t k = 0; k < depth; k += kLanes) {
    const Vec magnitude = hn::Abs(load_up_to(row + k, depth - k));
    top = hn::Max(top, magnitude);
    sum = hn::Add(sum, magnitude);
  }
  return int16_inverse_step(max_of(top), sum_of(sum));
}

HWY_INLINE void round_numbers(const float* from, std::size_t count, float inverse, std::int16_t* to) {
  const hn::Rebind<std::int16_t, Tag> narrow;
  const Vec factor = constant(inverse);
  std::size_t k = 0;
  for (; k + kLanes <= count; k += kLanes) {
    hn::StoreU(hn::DemoteTo(narrow, hn::NearestInt(hn::Mul(load(from + k), factor))), narrow, to + k);
  }
  if (k == count) return;
  HWY_ALIGN std::int16_t last[kLanes];
  const Vec rest = hn::Mul(load_part(from + k, count - k, 0.0F), factor);
  hn::Store(hn::DemoteTo(narrow, hn::NearestInt(rest)), narrow, last);
  std::copy_n(last, count - k, to + k);
}

HWY_INLINE void round_numbers(const float* from, std::size_t count, Bf16* to) {
  for (std::size_t k = 0; k < count; k += kLanes) store_up_to(load_up_to(from + k, count - k), to + k, count - k);
}

// Whole numbers as bytes. Returns their sum.
HWY_INLINE std::int32_t split_numbers(const float* from, std::size_t count, float inverse, std::int8_t* upper,
                                      std::int8_t* lower) {
  const hn::RebindToSigned<Tag> words;
  const hn::Rebind<std::int8_t, Tag> narrow;
  const Vec factor = constant(inverse);
  auto sum = hn::Zero(words);
  for (std::size_t k = 0; k < count; k += kLanes) {
    const auto numbers = hn::NearestInt(hn::Mul(load_up_to(from + k, count - k), factor));
    // The lower byte has a sign, so the upper one rounds.
    const auto high = hn::ShiftRight<8>(hn::Add(numbers, hn::Set(words, 128)));
    const auto low = hn::Sub(numbers, hn::ShiftLeft<8>(high));
    sum = hn::Add(sum, numbers);
    // The numbers are followed by zeros up to a whole vector.
    hn::StoreU(hn::DemoteTo(narrow, high), narrow, upper + k);
    hn::StoreU(hn::DemoteTo(narrow, low), narrow, lower + k);
  }
  return hn::GetLane(hn::SumOfLanes(words, sum));
}

// `count` numbers as a converted row of that depth. `inverse`, of forms with whole numbers: of their step.
HWY_INLINE void convert(LeftForm form, const float* from, std::size_t count, float inverse, std::byte* row) {
  const float step = inverse == 0 ? 0 : 1 / inverse;
  if (form == LeftForm::kBytes) {
    auto* upper = reinterpret_cast<std::int8_t*>(row);
    auto* lower = upper + left_numbers(count);
    // A row with a NaN becomes zeros; its step, a NaN, makes the sums NaN.
    const std::size_t used = std::isnan(inverse) ? 0 : count;
    std::fill(upper + used, lower, std::int8_t{0});
    std::fill(lower + used, lower + left_numbers(count), std::int8_t{0});
    left_end(row, count) = {step, split_numbers(from, used, inverse, upper, lower)};
    return;
  }
  auto* numbers = reinterpret_cast<std::uint16_t*>(row);
  std::fill(numbers + count, numbers + left_numbers(count), std::uint16_t{0});
  if (form == LeftForm::kBf16) return round_numbers(from, count, reinterpret_cast<Bf16*>(row));
  round_numbers(from, count, inverse, reinterpret_cast<std::int16_t*>(row));
  left_end(row, count) = {step};
}

HWY_INLINE void convert_row(LeftForm form, const float* from, std::size_t depth, std::byte* row) {
  convert(form, from, depth, form == LeftForm::kBf16 ? 0 : inverse_step(from, depth), row);
}

// Part of a row that is converted at a time where nobody has prepared the row: what may lie on the stack.
constexpr std::size_t kLeftChunk = 4096;

// Numbers of a product's only row from some depth on, and how many there are.
struct LeftPart {
  const std::byte* numbers;
  std::size_t count;
};

// The only row of a product: as it was prepared, or converted here, once for all panels if it is not very long.
class OnlyRow {
 public:
  OnlyRow(const PanelProduct& p, LeftForm form) : p_(p), form_(form), row_(p.prepared) {
    if (row_ == nullptr && p.depth <= kLeftChunk) {
      convert_row(form, p.left.data, p.depth, memory_);
      row_ = memory_;
    }
    if (row_ == nullptr && form != LeftForm::kBf16) inverse_ = inverse_step(p.left.data, p.depth);
  }

  // The part from k on. Valid until the next call.
  LeftPart part(std::size_t k) {
    if (row_ != nullptr) return {row_, p_.depth};
    const std::size_t count = std::min(kLeftChunk, p_.depth - k);
    convert(form_, p_.left.data + k, count, inverse_, memory_);
    return {memory_, count};
  }
  float step() const {
    if (row_ != nullptr) return left_end(row_, p_.depth).step;
    return inverse_ == 0 ? 0 : 1 / inverse_;
  }

 private:
  const PanelProduct& p_;
  LeftForm form_;
  const std::byte* row_;
  float inverse_ = 0;
  alignas(64) std::byte memory_[left_row_bytes(kLeftChunk)];
};

// The rows [first, first + rows) of a product: where they were prepared, or converted into `memory`, one every
// left_row_bytes().
HWY_INLINE const std::byte* converted_rows(const PanelProduct& p, LeftForm form, std::size_t first, std::size_t rows,
                                           std::byte* memory) {
  const std::size_t row_bytes = left_row_bytes(p.depth);
  if (p.prepared != nullptr) return p.prepared + first * row_bytes;
  for (std::size_t r = 0; r < rows; ++r) {
    convert_row(form, p.left.row(first + r), p.depth, memory + r * row_bytes);
  }
  return memory;
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
